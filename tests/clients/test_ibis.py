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


def test_group_by_with_several_aggregates(orders):
    totals = orders.group_by("customer_id").aggregate(
        rows=orders.count(), mean=orders.amount.mean(), last=orders.day.max(), days=orders.day.nunique(),
    ).order_by("customer_id").execute()
    assert totals.rows.tolist() == [2, 1]
    assert totals["mean"].tolist() == [7.5, 7.0]
    assert [None if value is None or value != value else str(value)[:10] for value in totals["last"]] == ["2026-01-02", None]
    assert totals.days.tolist() == [2, 0]


def test_having_and_distinct(orders):
    busy = orders.group_by("customer_id").aggregate(rows=orders.count()).filter(lambda t: t.rows > 1)
    assert busy.execute().values.tolist() == [[1, 2]]
    assert sorted(orders.select("customer_id").distinct().execute().customer_id.tolist()) == [1, 2]


@pytest.mark.parametrize("how, expected", [
    ("inner", [(1, "Ann", 10), (1, "Ann", 5)]),
    ("left", [(1, "Ann", 10), (1, "Ann", 5), (3, "Cid", None)]),
    ("semi", [(1, "Ann")]),
    ("anti", [(3, "Cid")]),
])
def test_joins(connection, orders, lakehouse, how, expected):
    lakehouse.upload("ibis_people", b"id,name\n1,Ann\n3,Cid\n", mode="overwrite")
    people = connection.table("ibis_people")
    joined = people.join(orders, people.id == orders.customer_id, how=how)
    columns = ["id", "name"] + (["amount"] if how in ("inner", "left") else [])
    rows = [tuple(None if value != value else value for value in row) for row in joined[columns].execute().values.tolist()]
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_window_functions(orders):
    window = ibis.window(group_by=orders.customer_id, order_by=orders.amount)
    cumulative = ibis.cumulative_window(group_by=orders.customer_id, order_by=orders.amount)
    framed = ibis.window(group_by=orders.customer_id, order_by=orders.amount, preceding=1, following=0)
    frame = orders.mutate(
        place=ibis.row_number().over(window), rank=orders.amount.rank().over(window),
        before=orders.amount.lag().over(window), running=orders.amount.sum().over(cumulative),
        pair=orders.amount.sum().over(framed), share=orders.amount / orders.amount.sum().over(group_by=orders.customer_id),
    ).order_by("customer_id", "amount").execute()
    assert frame.place.tolist() == [0, 1, 0]
    assert frame["rank"].tolist() == [0, 1, 0]
    assert [None if value != value else value for value in frame.before.tolist()] == [None, 5, None]
    assert frame.running.tolist() == [5, 15, 7]
    assert frame.pair.tolist() == [5, 15, 7]
    assert [round(value, 4) for value in frame.share] == [0.3333, 0.6667, 1.0]


def test_null_expressions(orders):
    frame = orders.mutate(
        missing=orders.day.isnull(), there=orders.day.notnull(), first=orders.amount.nullif(5),
        filled=orders.amount.nullif(5).fill_null(0), either=ibis.coalesce(orders.amount.nullif(5), orders.customer_id),
        same=orders.amount.nullif(5).identical_to(ibis.null("int64")),
    ).order_by("customer_id", "amount").execute()
    assert frame.missing.tolist() == [False, False, True]
    assert frame.there.tolist() == [True, True, False]
    assert [None if value != value else value for value in frame["first"].tolist()] == [None, 10, 7]
    assert frame.filled.tolist() == [0, 10, 7]
    assert frame.either.tolist() == [1, 10, 7]
    assert frame.same.tolist() == [True, False, False]
    assert orders.day.count().execute() == 2
    assert orders.filter(orders.day.isnull()).amount.sum().execute() == 7


def test_case_text_and_dates(orders):
    frame = orders.mutate(
        size=ibis.cases((orders.amount > 7, "big"), (orders.amount > 5, "middle"), else_="small"),
        text=orders.amount.cast("string") + "!", year=orders.day.year(), month=orders.day.truncate("M"),
    ).order_by("customer_id", "amount").execute()
    assert frame["size"].tolist() == ["small", "big", "middle"]
    assert frame.text.tolist() == ["5!", "10!", "7!"]
    assert [None if value is None or value != value else int(value) for value in frame.year.tolist()] == [2026, 2026, None]


def test_union_and_limit(orders):
    both = orders.select("amount").union(orders.select("amount"))
    assert both.count().execute() == 6
    assert orders.order_by(ibis.desc("amount")).limit(2).execute().amount.tolist() == [10, 7]
