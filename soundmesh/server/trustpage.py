"""The words and looks of the trust page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

CSS = """
:root { color-scheme: dark; --bg: #0b0d10; --panel: #12151a; --key: #191d23; --key-up: #20252d;
  --line: #2a313b;
  --line-strong: #3b4552; --text: #e8ebf0; --text-2: #9aa4b2; --text-3: #8591a1; --info: #5aa9ff;
  --num: ui-monospace, "SF Mono", "Roboto Mono", "DejaVu Sans Mono", monospace; }
* { box-sizing: border-box; margin: 0; }
body { background: var(--bg); color: var(--text); -webkit-font-smoothing: antialiased;
  -webkit-text-size-adjust: 100%;
  font: 16px/1.5 "Inter", system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 20px 16px 48px; }
header { display: flex; align-items: center; gap: 10px; padding: 4px 0 28px; color: var(--text-2);
  font-size: 15px; }
header svg { width: 24px; height: 24px; color: var(--text); flex: none; }
header b { color: var(--text); font-weight: 650; letter-spacing: .01em; }
header span { margin-left: auto; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round;
  display: block; }
h1 { font-size: 28px; line-height: 1.18; font-weight: 680; letter-spacing: -.015em; max-width: 17em;
  text-wrap: balance; }
.lead { color: var(--text-2); margin-top: 10px; max-width: 36em; }
.doors { display: grid; gap: 10px; margin-top: 22px; }
.door { display: flex; align-items: center; gap: 14px; min-height: 64px; padding: 12px 16px;
  border-radius: 14px;
  background: var(--key); border: 1px solid var(--line); color: var(--text); text-decoration: none; }
.door:hover, summary:hover { background: var(--key-up); }
.door:active { border-color: var(--line-strong); }
.door svg { width: 24px; height: 24px; color: var(--text-2); flex: none; }
.door strong { display: block; font-size: 17px; font-weight: 630; line-height: 1.3; }
.door small { display: block; font-size: 14px; color: var(--text-2); line-height: 1.4;
  overflow-wrap: anywhere; }
.first { background: var(--text); border-color: var(--text); color: #0b0d10; }
.first svg, .first small { color: #3a414b; }
.first:hover { background: #fff; }
:focus-visible { outline: 3px solid var(--info); outline-offset: 2px; }
h2 { font-size: 14px; font-weight: 600; color: var(--text-2); margin: 34px 0 10px; }
.ways { border: 1px solid var(--line); border-radius: 14px; background: var(--panel); overflow: hidden; }
details + details { border-top: 1px solid var(--line); }
summary { display: flex; align-items: center; gap: 14px; min-height: 56px; padding: 10px 16px;
  cursor: pointer;
  list-style: none; font-weight: 600; }
summary:focus-visible { outline-offset: -3px; border-radius: 14px; }
summary::-webkit-details-marker { display: none; }
summary svg { width: 24px; height: 24px; color: var(--text-2); flex: none; }
summary svg:last-child { margin-left: auto; width: 20px; height: 20px; color: var(--text-3); }
details[open] summary svg:last-child { transform: rotate(180deg); }
ol { list-style: none; counter-reset: step; padding: 2px 16px 18px 54px; color: var(--text); }
li { counter-increment: step; position: relative; padding: 5px 0; max-width: 36em; }
li::before { content: counter(step); position: absolute; left: -38px; top: 6px; width: 24px; height: 24px;
  border-radius: 12px; background: var(--key-up); color: var(--text-2); font: 13px/24px var(--num);
  text-align: center; }
li a { color: var(--info); text-underline-offset: 3px; }
li b { font-weight: 630; }
code { font-family: var(--num); font-size: 14px; color: var(--text); background: var(--key);
  border: 1px solid var(--line);
  border-radius: 6px; padding: 1px 5px; overflow-wrap: anywhere; }
.print { border: 1px solid var(--line); border-radius: 14px; background: var(--panel); padding: 16px; }
.print p { color: var(--text-2); font-size: 14px; max-width: 40em; }
.print b { color: var(--text); font-weight: 630; }
.hex { display: grid; grid-template-columns: repeat(8, 1fr); gap: 2px 0; margin: 12px 0; max-width: 340px;
  font: 15px/1.6 var(--num); font-variant-numeric: tabular-nums; }
@media (min-width: 900px) {
  main { padding: 32px 40px 64px; }
  header { padding-bottom: 56px; }
  .split { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 64px;
  align-items: start; }
  h1 { font-size: 38px; }
  .split > div:last-child h2:first-child { margin-top: 4px; }
}
"""

IPHONE = "iPhone and iPad"
_BY_AGENT = (
    ("iPhone", IPHONE),
    ("iPad", IPHONE),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)

_MARK = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 10v4M8 6v12M12 3v18M16 7v10M20 10v4"/></svg>'
_SHIELD = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"/>'
    '<path d="M9 11.5l2.2 2.2L15.2 9.6"/></svg>'
)
_FILE = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11M7.5 10.5L12 15l4.5-4.5M5 20h14"/></svg>'
)
_OPEN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h14M13 6l6 6-6 6"/></svg>'
_DOWN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 9l6 6 6-6"/></svg>'
_PHONE = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="7" y="2.5" width="10" height="19" rx="2.5"/>'
    '<path d="M11 18.5h2"/></svg>'
)
_LAPTOP = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="4.5" y="5" width="15" height="10.5" rx="1.5"/>'
    '<path d="M2.5 19.5h19"/></svg>'
)
_TERMINAL = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4.5" width="18" height="15" rx="2"/>'
    '<path d="M7 9.5l3 2.5-3 2.5M12.5 15H17"/></svg>'
)


@dataclass(frozen=True, slots=True)
class _Way:
    """How one system learns to trust. ``{authority}`` and ``{file}`` are filled in."""

    system: str
    icon: str
    steps: tuple[str, ...]


_WAYS = (
    _Way(
        IPHONE,
        _PHONE,
        (
            'In Safari, open <a href="/ca.mobileconfig">the profile</a> and tap <b>Allow</b>.',
            "In <b>Settings</b>, tap <b>Profile Downloaded</b>, then <b>Install</b>.",
            "Go to <b>General → About → Certificate Trust Settings</b> and switch on <b>{authority}</b>. "
            "Without this step the panel opens and cannot connect.",
        ),
    ),
    _Way(
        "Android",
        _PHONE,
        (
            'Download <a href="/ca.crt">the certificate</a>.',
            "In <b>Settings</b>, search for <b>CA certificate</b>, tap <b>Install anyway</b>.",
            "Choose <b>{file}.crt</b> from your downloads.",
        ),
    ),
    _Way(
        "Mac",
        _LAPTOP,
        (
            'Download <a href="/ca.crt">the certificate</a> and open it: Keychain Access adds it.',
            "Find <b>{authority}</b> there, open it, unfold <b>Trust</b>.",
            "Set <b>When using this certificate</b> to <b>Always Trust</b>. Restart the browser.",
        ),
    ),
    _Way(
        "Windows",
        _LAPTOP,
        (
            'Download <a href="/ca.crt">the certificate</a>, open it, choose <b>Install Certificate</b>.',
            "Choose <b>Current User</b>, then <b>Place all certificates in the following store</b>.",
            "Browse to <b>Trusted Root Certification Authorities</b>, finish. Restart the browser.",
        ),
    ),
    _Way(
        "Linux",
        _TERMINAL,
        (
            'Download <a href="/ca.crt">the certificate</a>.',
            "Chrome: <b>Settings → Privacy and security → Security → Manage certificates</b>, "
            "import it as trusted.",
            "Firefox: <b>Settings → Privacy &amp; Security → View Certificates → Authorities → Import</b>, "
            "tick <b>identify websites</b>.",
        ),
    ),
)


def render(
    *, show: str, authority: str, fingerprint: str, panel: str | None, system: str | None = None
) -> str:
    """The whole page. ``panel``: where the panel opens, if it does; ``system``: whose steps lie open."""
    name = escape(authority)
    ways = "".join(_render_way(way, name, opened=way.system == system) for way in _WAYS)
    pairs = "".join(f"<span>{escape(pair)}</span>" for pair in fingerprint.split(":"))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#0b0d10">
<title>Trust this box · SoundMesh</title>
<style>{CSS}</style>
</head>
<body>
<main>
<header>{_MARK}<b>SoundMesh</b><span>{escape(show)}</span></header>
<div class="split">
<div>
<h1>Teach this device to trust the box, once.</h1>
<p class="lead">The intercom runs on this network alone, so the box signs for itself. Install its certificate
and the panel opens without a warning on this device from now on.</p>
<div class="doors">
{_render_files(system)}
{_render_panel(panel)}
</div>
</div>
<div>
<h2>Step by step</h2>
<div class="ways">{ways}</div>
<h2>Is it the right one?</h2>
<div class="print">
<p>Your device lists the authority as <b>{name}</b> and shows this SHA-256 fingerprint in its details.
If it differs, somebody is in between: do not trust it.</p>
<p class="hex" aria-label="Fingerprint">{pairs}</p>
<p>It is good for this box's names, local names and local addresses only: it cannot sign for other sites.</p>
</div>
</div>
</div>
</main>
</body>
</html>
"""


def system_of(agent: str) -> str | None:
    """The system a ``User-Agent`` names; Android names Linux too, so the order matters."""
    return next((system for word, system in _BY_AGENT if word in agent), None)


def _render_files(system: str | None) -> str:
    """Both files, the one for this device first and bright."""
    profile = ("/ca.mobileconfig", _SHIELD, "Get the profile", IPHONE)
    certificate = ("/ca.crt", _FILE, "Get the certificate", "Android, Mac, Windows, Linux")
    order = (profile, certificate) if system in {None, IPHONE} else (certificate, profile)
    return "\n".join(
        f'<a class="door{bright}" href="{href}">{icon}<span><strong>{title}</strong>'
        f"<small>{systems}</small></span></a>"
        for bright, (href, icon, title, systems) in zip((" first", ""), order, strict=True)
    )


def _render_panel(url: str | None) -> str:
    if url is None:
        return ""
    return (
        f'<a class="door" href="{escape(url)}">{_OPEN}<span><strong>Open the panel</strong>'
        f"<small>{escape(url.removeprefix('https://'))}, with a warning until it is trusted</small>"
        "</span></a>"
    )


def _render_way(way: _Way, name: str, *, opened: bool) -> str:
    file = name.replace(" ", "-")
    steps = "".join(f"<li>{step.format(authority=name, file=file)}</li>" for step in way.steps)
    state = " open" if opened else ""
    summary = f"<summary>{way.icon}{way.system}{_DOWN}</summary>"
    return f"<details{state}>{summary}<ol>{steps}</ol></details>"
