"""Quick Start: from a domain to two published properties, as pages and as a command.

A package says what is asked and made: :class:`properties.catalog.descriptor.QuickStart`.
"""
