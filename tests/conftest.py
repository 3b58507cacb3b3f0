"""What all tests share."""

from hypothesis import settings

settings.register_profile("curate", deadline=None)  # a kernel's first call compiles it
settings.load_profile("curate")
