"""Customer data in the form that advertising vendors match: normalise it, then hash it.

Every vendor wants the same people, and nearly the same spelling of them. A package composes what its vendor
asks for from these modules. Where vendors differ, a function takes an argument, or a second function changes
the result of the first.

- ``cleaning``: what a normalizer is, and how a text is cleaned
- ``nothing``: texts such as ``undefined`` that stand for no value
- ``hashing``: SHA-256, and values that are hashed already
- ``emails``, ``phones``, ``names``, ``postal``, ``dates``, ``genders``: one person
- ``places``: countries, US states and currencies by the names that people type
- ``ip_addresses``: the visitor's public address
- ``values``: texts, numbers, amounts and lists that come with the customer
"""
