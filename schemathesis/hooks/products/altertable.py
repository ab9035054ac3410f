"""Altertable: real statements and files, which catalogs and tables there are, and the shape of a query's answer."""
import functools
import gzip
import itertools

import pyarrow
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, HookContext, Response
from seed import CATALOGS

from ..files import FIXED, File, broken_files, files, made
from ..media_types import NDJSON, media_type, read
from ..sql import READS, STATEMENTS
from ..throwaway import KNOWN, dice

QUERY, VALIDATE, UPLOAD, UPSERT = "POST /query", "POST /validate", "POST /upload", "POST /upsert"
APPEND, TASK = "POST /append", "GET /tasks/{task_id}"
FORMATS = {"csv": "text/csv", "jsonl": NDJSON, "parquet": "application/parquet"}
MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "parquet": "application/parquet"}
METADATA = {
    "statement", "rows_limit", "rows_offset", "init_time_ms", "connections_errors", "session_id", "query_id",
    "worker_slug",
}
# What a statement that changed rows answers with: how many, which no limit cuts.
COUNT = [{"name": "Count", "type": "BIGINT"}]
SCOPE = {
    "catalog": st.sampled_from(CATALOGS),
    "schema": st.sampled_from(("main", "a schema", "workshop")),
    "timezone": st.sampled_from(("UTC", "Europe/Paris", "America/St_Johns")),
}
INTERNAL = b"internal error; request id"
PACKERS = {"gzip": gzip.compress, "zstd": functools.partial(pyarrow.compress, codec="zstd", asbytes=True)}
MOST_CHARACTERS = 512
fresh = itertools.count()


def sent(case: Case) -> dict:
    """The JSON object of a request; empty where it is something else."""
    return case.body if isinstance(case.body, dict) else {}


def mode_of(case: Case) -> str:
    """What an upload does with its table."""
    return str(case.query.get("mode", "append")).lower()


def is_bare_message(case: Case, response: Response) -> bool:
    """Whether this is how a statement fails in a format without a line for errors."""
    media_type = response.headers.get("content-type", [""])[0]
    return (
        response.status_code == 500
        and FORMATS.get(sent(case).get("format")) == media_type
        and not response.content.startswith(INTERNAL)
    )


def is_no_real_file(case: Case, response: Response) -> bool:
    """Whether this upload was generated from the document alone."""
    return response.status_code == 400 and made(case.body) is None


def is_refused(_case: Case, response: Response) -> bool:
    """Whether the request was understood, and something in it is wrong."""
    return response.status_code == 400


def is_unknown_task(_case: Case, response: Response) -> bool:
    """Whether this is how a task is refused that the server did not give."""
    told = response.content
    return response.status_code == 400 and (b" is not a task;" in told or told.startswith(b'Task "'))


def is_unknown_scope(_case: Case, response: Response) -> bool:
    """Whether this is how a catalog or schema is refused that does not exist."""
    told = response.content
    return response.status_code == 400 and told.startswith((b'Catalog "', b"Catalog Error: Schema with name "))


def is_logged_query(_case: Case, response: Response) -> bool:
    """Whether this is how the log shows a query."""
    return response.status_code == 200 and b'"client_interface":' in response.content


def must_run(request: dict) -> bool:
    """Whether nothing may be wrong with this statement. A scope that does not exist is a fault of its own."""
    return request["statement"] in READS and all(request.get(key) is None for key in SCOPE)


@schemathesis.hook("flatmap_body").apply_to(name=[QUERY, VALIDATE])
def real_statements(_context: HookContext, body: object) -> st.SearchStrategy:
    """SQL in place of most generated texts, in a scope that exists. What is no text is wrong on purpose and stays."""
    if not isinstance(body, dict) or not isinstance(body.get("statement"), str):
        return st.just(body)
    scope = {key: value for key, value in SCOPE.items() if isinstance(body.get(key), str)}
    real = st.fixed_dictionaries({"statement": STATEMENTS} | scope).map(lambda given: body | given)
    return st.one_of(st.just(body), real, real, real)


@schemathesis.hook("flatmap_body").apply_to(name=[UPLOAD, UPSERT])
def real_files(_context: HookContext, body: object) -> st.SearchStrategy:
    """Files in place of most generated texts and arrays, which hold anything. Other bodies are files already."""
    # An array that holds something else than records is wrong on purpose and stays so.
    records = isinstance(body, list) and all(isinstance(record, dict) for record in body)
    kind = "csv" if isinstance(body, str) else "json" if records else None
    if kind is None:
        return st.just(body)
    content = files(kind).map(lambda file: file.content)
    return st.one_of(st.just(body), content, content, broken_files(kind))


@schemathesis.hook("before_add_examples").apply_to(name=[QUERY, VALIDATE])
def every_read(context: HookContext, examples: list[Case]) -> None:
    """Every statement that must run, in every format."""
    formats = ("default", *FORMATS) if context.operation.label == QUERY else (None,)
    for statement, word in itertools.product(READS, formats):
        body = {"statement": statement} | ({"format": word} if word else {})
        examples.append(context.operation.Case(body=body, media_type="application/json"))


@schemathesis.hook("before_add_examples").apply_to(name=UPLOAD)
def every_file(context: HookContext, examples: list[Case]) -> None:
    """Every format and layout, in every mode."""
    for file, mode in itertools.product(FIXED, ("create", "append", "create_append", "overwrite")):
        query = {"catalog": CATALOGS[0], "schema": "main", "table": "fixed", "mode": mode}
        examples.append(context.operation.Case(query=query, body=file.content, media_type=MEDIA_TYPES[file.kind]))


@schemathesis.hook("before_call").apply_to(name=UPLOAD)
def reachable(_context: HookContext, case: Case, arguments: dict) -> None:
    """Most uploads are for a catalog that exists, and the parameters of a real file agree with it: a table that can
    take it, its own format and compression. Else nearly no upload would succeed, and what comes after stay untested."""
    if case.meta and case.meta.generation.mode.is_negative:
        return
    file = made(case.body)
    catalog = case.query.get("catalog", "")
    if catalog not in CATALOGS and (file or len(catalog) % 4 > 0):
        case.query["catalog"] = CATALOGS[len(catalog) % len(CATALOGS)]
    if file:
        agree(case, file, arguments)


@schemathesis.hook("before_call").apply_to(name=APPEND)
def appendable(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Appends are for a catalog that exists, and for tables that no upload makes."""
    if case.meta and case.meta.generation.mode.is_negative:
        return
    catalog = case.query.get("catalog", "")
    case.query["catalog"] = CATALOGS[len(catalog) % len(CATALOGS)]
    beginning = "appended "
    case.query["table"] = beginning + case.query.get("table", "")[: MOST_CHARACTERS - len(beginning)]


@schemathesis.hook("before_call").apply_to(name=TASK)
def known_task(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Some of the tasks that are asked for are one."""
    if KNOWN and case.meta and case.meta.generation.mode.is_positive and dice(case.path_parameters) % 2:
        case.path_parameters["task_id"] = KNOWN["task_id"]


def agree(case: Case, file: File, arguments: dict) -> None:
    """Makes an upload one that has to be accepted."""
    if "format" in case.query:
        case.query["format"] = file.kind
    mode = mode_of(case)
    if mode == "append":
        case.query |= {"schema": "main", "table": file.layout}
    else:
        # The name stays as strange as it was, within its length.
        ending = f" {next(fresh)}" if mode == "create" else f" {file.layout}" if mode == "create_append" else ""
        case.query["table"] = case.query["table"][: MOST_CHARACTERS - len(ending)] + ending
    pack = PACKERS.get(case.headers.get("Content-Encoding"))
    if pack:
        arguments["data"] = pack(file.content)


@schemathesis.check
def query_answer(_context: CheckContext, response: Response, case: Case) -> bool | None:
    """The answer of a query has the shape of its format, and statements that must run do."""
    if case.operation.label != QUERY or response.status_code != 200:
        return True
    word = sent(case).get("format") or "default"
    assert media_type(response) == FORMATS.get(word, NDJSON), f"{word} under {media_type(response)}"
    answer = read(response)
    if word == "default":
        envelope(sent(case), answer, response.content)
    elif word == "jsonl":
        assert all(isinstance(record, dict) for record in answer), "a line that is no object"
        assert all(record.keys() == answer[0].keys() for record in answer), "objects with different keys"
    elif word == "csv":
        assert answer, "no header"
    return None


def envelope(request: dict, lines: list, content: bytes) -> None:
    """Metadata, columns, rows; an error only as the last line."""
    assert len(lines) >= 2, "fewer than two lines"
    metadata, columns, *rows = lines
    assert isinstance(metadata, dict) and metadata.keys() == METADATA, f"metadata with {metadata}"
    assert isinstance(metadata["init_time_ms"], int) and metadata["init_time_ms"] >= 1
    assert isinstance(metadata["connections_errors"], dict)
    assert metadata["rows_limit"] == request.get("limit") and metadata["rows_offset"] == request.get("offset")
    assert all(isinstance(metadata[name], str) for name in ("statement", "session_id", "query_id", "worker_slug"))
    *whole, last = lines[1:]
    assert not any(isinstance(line, dict) for line in whole), "an error, or another object, before the last line"
    if isinstance(last, dict):
        assert last.keys() == {"error"} and isinstance(last["error"], str) and last["error"], f"the last line is {last}"
        assert not must_run(request), f"a statement that must run failed: {last['error']}"
        rows = rows[:-1]
    if isinstance(columns, list):
        assert content.split(b"\n", 2)[1].startswith(b"[{"), "clients know the line of columns by its first two bytes"
        assert all(column.keys() == {"name", "type"} for column in columns), f"columns are {columns}"
        assert all(isinstance(row, list) and len(row) == len(columns) for row in rows), "a row of another length"
        limit = request.get("limit")
        assert limit is None or columns == COUNT or len(rows) <= limit, f"{len(rows)} rows with a limit of {limit}"


@schemathesis.check
def validate_agrees(_context: CheckContext, response: Response, case: Case) -> bool | None:
    """`valid` and `error` go together, and statements that must run are valid."""
    if case.operation.label != VALIDATE or response.status_code != 200:
        return True
    verdict = response.json()
    assert verdict["valid"] == ("error" not in verdict), f"valid and error disagree: {verdict}"
    assert verdict["valid"] or not must_run(sent(case)), f"a statement that must run: {verdict['error']}"
    return None


@schemathesis.check
def append_answer(_context: CheckContext, response: Response, case: Case) -> bool | None:
    """Accepted rows have no error and, unless they are in the table, a task; refused ones have an error and no task."""
    if case.operation.label != APPEND or response.status_code != 200:
        return True
    answer = response.json()
    assert answer.keys() == {"ok", "error_code", "error_message", "task_id"}, f"an answer with {sorted(answer)}"
    if answer["ok"]:
        assert answer["error_code"] is None and answer["error_message"] is None, f"accepted with an error: {answer}"
    else:
        assert answer["error_code"] in ("invalid-data", "incompatible-schema"), f"refused without a code: {answer}"
        assert answer["error_message"] and answer["task_id"] is None, f"refused without a word: {answer}"
    return None


@schemathesis.check
def uploaded_rows(context: CheckContext, response: Response, case: Case) -> bool | None:
    """Rows are there when the upload is answered: as many as the file has, where it made the table."""
    file = made(case.body) if case.operation.label == UPLOAD else None
    if file is None or response.status_code != 200 or mode_of(case) not in ("create", "overwrite"):
        return True
    name = ".".join('"' + case.query[part].replace('"', '""') + '"' for part in ("catalog", "schema", "table"))
    query = case.operation.schema.find_operation_by_label(QUERY)
    count = query.Case(body={"statement": f"SELECT count(*) FROM {name}"}, media_type="application/json", headers={
        "Authorization": response.request.headers["Authorization"]})
    answer = query.schema.transport.send(count, **(context.internals.transport_kwargs or {}))
    assert read(answer)[-1] == [file.rows], f"{file.rows} rows were uploaded, {name} says {answer.content.decode()}"
    return None
