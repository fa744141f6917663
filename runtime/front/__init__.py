"""The door of a web process: takes requests in, and has a WSGI application answer them in threads.

Whoever sends or reads slowly costs a coroutine and some memory here, and no thread.
"""
