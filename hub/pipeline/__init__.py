"""The way of a message: ``accept`` (bytes in, receipt out) and ``deliver`` (a due delivery out to its agency).

These files hold the order of the steps and nothing else; each step lives where its name says: ``access.identify``,
``translate``, ``routing``, ``store``, ``access.project``, the connector. A step that fails stops the message.
"""
