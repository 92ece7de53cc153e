"""A call without an appliance: what the browser alone does. Inside one page, or between two."""

ADDRESS = "https://lab.example/"
PAGE = "<!doctype html><title>lab</title><button style='width:200px;height:100px'>talk</button>"
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
OFFER = """
async () => {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const call = new RTCPeerConnection();
  const track = microphone.getAudioTracks()[0];
  track.enabled = false;
  call.addTrack(track, microphone);
  const button = document.querySelector("button");
  button.onpointerdown = () => { track.enabled = true; };
  button.onpointerup = () => { track.enabled = false; };
  window.__call = call;
  await call.setLocalDescription();
  while (call.iceGatheringState !== "complete") await new Promise((r) => setTimeout(r, 20));
  return call.localDescription.sdp;
}
"""
ANSWER = """
async (sdp) => {
  const call = new RTCPeerConnection();
  window.__call = call;
  call.ontrack = async (e) => {
    const element = new Audio();
    element.srcObject = e.streams[0];
    await element.play();
    window.__element = element;
  };
  await call.setRemoteDescription({ type: "offer", sdp });
  await call.setLocalDescription();
  while (call.iceGatheringState !== "complete") await new Promise((r) => setTimeout(r, 20));
  return call.localDescription.sdp;
}
"""
TAKE = "async (sdp) => { await window.__call.setRemoteDescription({ type: 'answer', sdp }); }"
