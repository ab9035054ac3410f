"""What the tests in Python share: the server under test, and the tools that they are run with."""
