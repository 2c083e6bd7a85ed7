"""The doctor: looks at everything codefare needs on this machine, and says what to do where something is wrong.

It sends nothing of the user's code, and asks only providers that a key is set for, by free requests.
"""
