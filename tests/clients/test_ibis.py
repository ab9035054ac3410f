"""The Ibis backend that ships with the published client: dataframe expressions become SQL on the server."""
import ibis
import pytest

from harness.process import PASSWORD, USERNAME


@pytest.fixture(scope="module")
def connection(lakehouse):
    return ibis.altertable.connect(
        base_url=lakehouse.url, username=USERNAME, password=PASSWORD, catalog="lakehouse", database="main")


@pytest.fixture(scope="module")
def orders(connection, lakehouse):
    lakehouse.upload("ibis_orders", b"customer_id,amount,day\n1,10,2026-01-01\n1,5,2026-01-02\n2,7,\n", mode="overwrite")
    return connection.table("ibis_orders")


def test_the_catalog_is_listed(connection, orders):
    assert "ibis_orders" in connection.list_tables()
    assert "lakehouse" in connection.list_catalogs()
    assert "main" in connection.list_databases()
    assert connection.version


def test_columns_have_their_types(orders):
    schema = {name: str(dtype) for name, dtype in orders.schema().items()}
    assert schema == {"customer_id": "int64", "amount": "int64", "day": "date"}


def test_an_aggregate_runs_on_the_server(orders):
    totals = orders.group_by("customer_id").aggregate(total=orders.amount.sum()).order_by("customer_id").execute()
    assert totals.total.tolist() == [15, 7]


def test_a_filter_and_a_join(orders):
    first = orders.filter(orders.day.notnull()).select("customer_id", first_amount="amount")
    joined = orders.join(first, "customer_id").order_by("amount", "first_amount")
    assert joined.execute()[["amount", "first_amount"]].values.tolist() == [[5, 5], [5, 10], [10, 5], [10, 10]]
