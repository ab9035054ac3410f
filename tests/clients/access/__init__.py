"""Who may do what through Airsequel's API: the callers, what they try, and what they try it on."""
