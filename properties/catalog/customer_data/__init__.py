"""Customer data in the form that advertising vendors match: normalised, then hashed.

Vendors identify people by the same data, in nearly the same spelling. A package composes its vendor's form
from these modules. Where vendors differ, a function has an argument, or a second function changes the
result of the first.

- ``cleaning``: the normalizer type, and cleaning of text
- ``nothing``: texts such as ``undefined`` that mean "no value"
- ``hashing``: SHA-256, and values that are already hashed
- ``emails``, ``phones``, ``names``, ``postal``, ``dates``, ``genders``: the data of one person
- ``places``: countries, US states and currencies by the names that people type
- ``ip_addresses``: the visitor's public IP address
- ``values``: texts, numbers, amounts and lists
"""
