"""The situations of the recordings, brought about again one after the other; answers by their number."""
