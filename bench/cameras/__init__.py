"""Real cameras on loopback: GStreamer's RTSP server and nginx's RTMP server from Debian's packages, without root.

`rtsp.cameras({...})` is all that a benchmark or a test needs; see there.
"""
