"""What a user of the Python client does, against the server at the address in the first argument."""
import base64
import io
import json
import sys
from http import HTTPStatus

from boathouse_altertable import AuthenticatedClient, errors
from boathouse_altertable.api.query import run_query, validate_statement
from boathouse_altertable.api.upload import upload_table
from boathouse_altertable.models import QueryRequest, UploadTableMode, ValidateReply, ValidateRequest
from boathouse_altertable.types import File, Response

ADDRESS, NAME, PASSWORD = sys.argv[1:]
TABLE = "numbers_python"
# Each number below ROWS times each: as many rows as numbers below ROWS², every one of which is there once.
ROWS = 600
ALL = ROWS * ROWS
PAIRS = f"SELECT a.n * {ROWS} + b.n AS number FROM {TABLE} a CROSS JOIN {TABLE} b"
# Nobody waits for the end of this answer, which is about 13 terabytes.
ENDLESS = "SELECT * FROM generate_series(1, 1000000000000)"
ENOUGH = 100_000


def sign_in(password: str) -> AuthenticatedClient:
    token = base64.b64encode(f"{NAME}:{password}".encode()).decode()
    return AuthenticatedClient(base_url=ADDRESS, token=token, prefix="Basic")


def upload(client: AuthenticatedClient) -> Response[object | str]:
    file = io.BytesIO(b"n\n" + b"".join(b"%d\n" % n for n in range(ROWS)))
    return upload_table.sync_detailed(
        client=client, catalog="lakehouse", schema="main", table=TABLE, mode=UploadTableMode.CREATE,
        body=File(payload=file),
    )


def main() -> None:
    client = sign_in(PASSWORD)
    reply = validate_statement.sync(client=client, body=ValidateRequest(statement="SELECT 1"))
    assert isinstance(reply, ValidateReply) and reply.valid, reply
    print(f"signed in as {NAME}; a right statement is valid")

    reply = validate_statement.sync(client=client, body=ValidateRequest(statement="SELECT FROM WHERE"))
    assert isinstance(reply, ValidateReply) and not reply.valid and isinstance(reply.error, str) and reply.error, reply
    print(f"a wrong statement is not: {reply.error.splitlines()[0]}")

    done = upload(client)
    assert done.status_code == HTTPStatus.OK, done
    print(f"uploaded {ROWS} rows into {TABLE}")

    with run_query.stream(client=client, body=QueryRequest(statement=PAIRS)) as answer:
        lines = answer.iter_lines()
        metadata, columns = json.loads(next(lines)), json.loads(next(lines))
        assert metadata["statement"] == PAIRS and columns == [{"name": "number", "type": "BIGINT"}], columns
        count = total = 0
        for line in lines:
            [number] = json.loads(line)
            count, total = count + 1, total + number
    assert (count, total) == (ALL, ALL * (ALL - 1) // 2), (count, total)
    print(f"read {count} rows with the sum {total}")

    with run_query.stream(client=client, body=QueryRequest(statement=ENDLESS)) as answer:
        lines = answer.iter_lines()
        assert len([next(lines) for _ in range(ENOUGH + 2)]) == ENOUGH + 2
    print(f"read {ENOUGH} rows of an answer that has a million million, and went away")

    refused = upload(client)
    assert refused.status_code == HTTPStatus.BAD_REQUEST and isinstance(refused.parsed, str), refused
    assert TABLE in refused.parsed, refused.parsed
    print(f"a second table of that name is refused, 400: {refused.parsed}")

    stranger = sign_in(PASSWORD + "?")
    refused_query = run_query.sync_detailed(client=stranger, body=QueryRequest(statement="SELECT 1"))
    assert refused_query.status_code == HTTPStatus.UNAUTHORIZED and isinstance(refused_query.parsed, str), refused_query
    try:
        with run_query.stream(client=stranger, body=QueryRequest(statement="SELECT 1")):
            raise AssertionError("a wrong password was taken")
    except errors.UnexpectedStatus as error:
        assert error.status_code == HTTPStatus.UNAUTHORIZED and error.content.decode() == refused_query.parsed, error
    print(f"a wrong password is refused, 401: {refused_query.parsed}")


main()
