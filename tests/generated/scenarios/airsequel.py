"""What a user of the Python client does with a SQLite database, against the server at the address in the first argument."""
import sys
from http import HTTPStatus

from boathouse_airsequel import AuthenticatedClient, Client
from boathouse_airsequel.api.accounts import open_session
from boathouse_airsequel.api.databases import create_database
from boathouse_airsequel.api.sql import run_sql
from boathouse_airsequel.api.tables import get_table
from boathouse_airsequel.models import CreateDatabase, DbCreated, Login, LoginRequest, Refusal, SqlRequest, SqlResult, Table

ADDRESS, NAME, PASSWORD = sys.argv[1:]
SCRIPT = "CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, length REAL)"
INSERT = "INSERT INTO boats (name, length) VALUES ('Ann', 7.5), ('Bob', NULL) RETURNING id"


def main() -> None:
    anybody = Client(base_url=ADDRESS)
    refused = open_session.sync_detailed(client=anybody, body=LoginRequest(username=NAME, password=PASSWORD + "?"))
    assert refused.status_code == HTTPStatus.UNAUTHORIZED and isinstance(refused.parsed, Refusal), refused
    print(f"a wrong password is refused, 401: {refused.parsed.errors[0].message}")

    session = open_session.sync(client=anybody, body=LoginRequest(username=NAME, password=PASSWORD))
    assert isinstance(session, Login) and session.username == NAME, session
    client = AuthenticatedClient(base_url=ADDRESS, token=session.session_token)
    print(f"signed in as {NAME}")

    made = create_database.sync(client=client, body=CreateDatabase(name="boats of Python", query=SCRIPT))
    assert isinstance(made, DbCreated) and made.owner_name == NAME, made
    print(f"made the database {made.id}")

    result = run_sql.sync(db_id=made.id, client=client, body=SqlRequest(query=INSERT))
    assert isinstance(result, SqlResult) and result.errors == [] and result.num_changes == 2, result
    assert [row["id"] for row in result.rows] == [1, 2] and result.affected_tables == ["boats"], result
    print("inserted two rows, whose numbers came back")

    wrong = run_sql.sync(db_id=made.id, client=client, body=SqlRequest(query="SELECT nope FROM boats"))
    assert isinstance(wrong, SqlResult) and wrong.rows == [] and "nope" in wrong.errors[0], wrong
    print(f"a wrong statement is told in the result: {wrong.errors[0]}")

    table = get_table.sync(db_id=made.id, table_id="boats", client=client)
    assert isinstance(table, Table) and table.number_of_rows == 2, table
    cells = {column.name: column.items for column in table.columns}
    assert cells["name"] == ["Ann", "Bob"] and cells["length"] == [7.5, None], cells
    print("read them as a table")

    missing = get_table.sync_detailed(db_id=made.id, table_id="ships", client=client)
    assert missing.status_code == HTTPStatus.NOT_FOUND and isinstance(missing.parsed, Refusal), missing
    print(f"another table is not there, 404: {missing.parsed.errors[0].message}")


main()
