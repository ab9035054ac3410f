"""Lets the exclusions speak before a failure counts, and notes which of them were needed."""
import schemathesis
from exclusions import EXCLUSIONS
from schemathesis import Case, HookContext, Response

from . import record

# Those that nothing needed are reported as well, where a run surely meets what they are for.
record.RECORD.exclusions.update({exclusion.name: 0 for exclusion in EXCLUSIONS if exclusion.certain})


@schemathesis.hook
def filter_failure(_context: HookContext, failure: AssertionError, case: Case, response: Response) -> bool:
    """Whether the failure counts."""
    for exclusion in EXCLUSIONS:
        if (
            exclusion.check in record.checks_of(failure)
            and case.operation.label in exclusion.operations
            and exclusion.applies(case, response)
        ):
            record.RECORD.excluded(exclusion, response)
            return False
    record.RECORD.kept(failure, case, response)
    return True
