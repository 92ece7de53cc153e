# The developer's recipes. `just` alone lists them. It comes with scripts/setup as .venv/bin/just.

set shell := ["bash", "-euo", "pipefail", "-c"]

py := ".venv/bin/python"

_list:
    @{{ just_executable() }} --list --unsorted

# everything a developer needs, from nothing
setup:
    scripts/setup

# the panel with hot reload, and the demo show behind it
dev *args: setup
    {{ py }} scripts/demo.py --dev {{ args }}

# serve the demo show
run *args:
    scripts/run {{ args }}

# serve the demo show with a simulated crew that talks in turns
crew *args:
    scripts/run --crew {{ args }}

# measure who hears whom on the running demo, beside the plan
hears:
    {{ py }} -m soundmesh hears --data-dir data/demo

# read a show file and list every problem in it
check file="configs/shows/demo.toml":
    {{ py }} -m soundmesh check {{ file }}

# every check there is
test *steps:
    scripts/test {{ steps }}

# every check without browsers and packaging
fast:
    scripts/test fast

# the browser tests; any pytest option may follow
e2e *args: setup
    {{ py }} -m pytest tests/e2e {{ args }}

# take the reference pictures of every screen anew; look at each before committing
pictures: setup
    SOUNDMESH_PICTURES=renew {{ py }} -m pytest -q tests/e2e/test_references.py

# measure press-to-heard, mouth-to-ear and the plan's time
bench *args:
    {{ py }} tests/bench/bench_plan.py
    {{ py }} -m tests.bench.bench_mouth_to_ear {{ args }}

# the long tests
soak *args:
    {{ py }} -m pytest tests --soak -m soak -s {{ args }}

# write the files that are made from code
gen:
    {{ py }} scripts/generate.py

# lock the Python packages again; --upgrade takes newer ones
lock *args:
    scripts/lock {{ args }}

# freeze the appliance into dist/soundmesh/soundmesh
pack:
    {{ py }} scripts/pack.py

# put Python and TypeScript into the house format
fmt:
    .venv/bin/ruff check --fix
    .venv/bin/ruff format
    cd web && npm run --if-present format

# remove what was built; the next run makes it again
clean:
    rm -rf build dist web/dist .setup .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
