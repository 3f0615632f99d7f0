"""Tag libraries as sites load them: the files beside the edge, and the pages with their embed codes.

``serving`` is the ASGI application; ``live_libraries`` keeps the files in memory. No page runs a library.
"""
