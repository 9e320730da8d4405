"""What can go wrong, by name. Every error of the library is a `SignalmatchError`."""

from __future__ import annotations


class SignalmatchError(Exception):
    """The base of every error that this library raises on purpose."""


class PictureError(SignalmatchError):
    """Bytes gave no picture. The message says why, for an operator; it never quotes the bytes."""


class UndecodablePicture(PictureError):
    """No decoder knows these bytes, or they break the rules of their own format."""


class PictureTruncated(UndecodablePicture):
    """The file begins as a picture and ends too early."""


class PictureTooLarge(PictureError):
    """More bytes, pixels or a longer side than the limits allow (a decompression bomb looks like this)."""


class PictureTooSmall(PictureError):
    """A side under 5 pixels: PDQ is not defined."""


class DecodingFailed(PictureError):
    """The decoder, and not necessarily the picture, gave up."""


class DecodingTookTooLong(DecodingFailed):
    """The time allowed was over; the decoder was killed."""


class DecoderDied(DecodingFailed):
    """The decoder process ended before it answered: out of its memory, or a crash in a codec."""


class DecoderBusy(SignalmatchError):
    """Every decoder is at work and the queue is full: nothing was tried. Come back later."""


class DecoderClosed(SignalmatchError):
    """The decoder was closed, or can't be started."""


class VideoError(SignalmatchError):
    """Bytes gave no frames. The message says why, for an operator; it never quotes the bytes."""


class VideoSupportMissing(VideoError):
    """PyAV isn't installed here: it is an extra, `pip install signalmatch[video]`."""


class UndecodableVideo(VideoError):
    """No demuxer or decoder that is allowed here knows these bytes, or no frame of them could be decoded."""


class NoVideoStream(UndecodableVideo):
    """The container could be read and holds no video (sound alone, a cover picture alone)."""


class VideoTooLarge(VideoError):
    """More bytes or larger frames than the limits allow."""


class VideoTookTooLong(VideoError):
    """The time allowed was over before the first frame was there; the decoder was killed."""


class VideoDecoderDied(VideoError):
    """The decoder process ended before its first frame: out of its memory or time, or a crash in a codec."""


class BadFrameList(SignalmatchError):
    """A vPDQ hash file breaks its format; the message names the line."""


class HashIndexError(SignalmatchError):
    """The base of what can go wrong with an index."""


class BadHashes(HashIndexError, ValueError):
    """Hashes or ids of the wrong kind or shape; the message says which is wanted."""


class BadIndexFile(HashIndexError):
    """Not an index file, or one of a version unknown here, or damaged; the message says which."""


class UnreadableHashList(SignalmatchError):
    """A hash list that can't be read at all; the message says why. (A line that is wrong is only counted.)"""
