"""Values that the worked examples share. The hashes come from Meta's Customer Information Parameters."""

from __future__ import annotations

EMAIL_HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
PHONE_HASH = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"
MARY_HASH = "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"
VALERY_HASH = "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"
BIRTH_DATE_HASH = "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"
FEMALE_HASH = "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111"
NEW_YORK_HASH = "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5"
UNITED_STATES_HASH = "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
CONFIGURATION = {"pixelId": "1234567890", "accessToken": "a token"}
