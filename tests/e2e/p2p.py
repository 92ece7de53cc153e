"""Two ends of a call inside one page: what the browser alone does, without an appliance."""

ADDRESS = "https://lab.example/"
PAGE = "<!doctype html><title>lab</title><button>talk</button>"
CALL = """
async (processing) => {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing },
  });
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  near.onicecandidate = (e) => e.candidate && far.addIceCandidate(e.candidate);
  far.onicecandidate = (e) => e.candidate && near.addIceCandidate(e.candidate);
  const track = microphone.getAudioTracks()[0];
  near.addTrack(track, microphone);
  const came = new Promise((resolve) => { far.ontrack = (e) => resolve(e.streams[0]); });
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  const element = new Audio();
  element.srcObject = await came;
  await element.play();
  window.__call = { track, element, near, far };
}
"""
