"""Sound as numbers: formats, codecs, synthesis, framing and detection. Numbers in, numbers out.

Nothing here opens a file or a socket or asks for the time, and the same input gives the same bytes.
numpy takes a tenth of a second to import, so nothing is imported here; name the module you need.

Without numpy:

    pace        speaking_time(text) -> seconds; the sounds of a text and their lengths
    making      Frames, made as somebody comes to them and shared by all who do
    remembering Memory(bytes).remembered(make): asked once while what it gave is kept

With numpy; samples are one-dimensional int16 arrays of one channel:

    companding  G.711: mulaw_encode, mulaw_decode, alaw_encode, alaw_decode
    pcm         decode(data, format) -> samples; encode(samples, format) -> bytes
    resampling  resample(samples, from_rate, to_rate) -> samples
    wav         read_wav(data) -> (samples, rate); wav_header(format, size) -> 44 bytes
    speech      synthesise(text, sample_rate, voice) -> samples that sound like speech; spoken, stretch by stretch
    packets     packets(samples, format), speech_packets(text, format), wav_packets(data, format) -> frames;
                speech_frames, statement_frames, wav_frames: the same, made as they are asked for
    decoding    decoder_for(format).feed(message) -> samples
    detection   SpeechDetector(format).feed(message) -> SpeechStarted(at), SpeechStopped(at)
    keeping     kept(messages, format) -> the ending of a file's name, and what is in it
    ogg         OggPackets().feed(data) -> packets

With av too, which only the modules above load when they need it:

    coding      encoded(stretches, length, format, frame_ms) -> the parts of one stream
    unpacking   CodecDecoder(format).feed(message) -> samples
"""
