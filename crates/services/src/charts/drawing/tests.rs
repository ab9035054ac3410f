//! Whole pictures: what stands in them, and what cannot.

use super::*;

fn chart(kind: &str, headers: &[&str]) -> Chart {
    Chart {
        id: "01j00000000000000000000000".to_owned(),
        title: "Sales".to_owned(),
        chart_type: kind.to_owned(),
        table: "sales".to_owned(),
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        hide_null_values: false,
        label_rotation: 0,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(number: f64) -> Cell {
    Cell::Number(number, number.to_string())
}

fn grid(columns: Vec<Vec<Cell>>) -> Grid {
    Grid { columns, cut: false }
}

fn drawn(chart: &Chart, grid: &Grid) -> String {
    let svg = draw(kind(chart).unwrap(), chart, grid, PictureSize::default()).unwrap();
    assert_well_formed(&svg);
    svg
}

/// Every element is closed, and no text has markup in it.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').expect("every tag ends");
        assert!(!rest.contains('>'), "{rest}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

fn count(svg: &str, element: &str) -> usize {
    svg.matches(&format!("<{element} ")).count()
}

const ALL: [&str; 6] = ["BarChart", "LineChart", "AreaChart", "ScatterChart", "PieChart", "TableChart"];

#[test]
fn a_bar_a_row_and_series() {
    let columns = vec![
        vec![text("Chile"), text("Peru"), text("Ghana")],
        vec![number(10.0), number(-5.0), Cell::Null],
        vec![number(1.0), number(2.0), number(3.0)],
    ];
    let svg = drawn(&chart("BarChart", &["country", "total", "orders"]), &grid(columns));
    // The paper, two squares of the legend, five bars: one value is NULL.
    assert_eq!(count(&svg, "rect"), 1 + 2 + 5);
    for label in [">Chile<", ">Peru<", ">Ghana<", ">country<", ">total<", ">orders<", ">Sales<", ">−5<", ">10<"] {
        assert!(svg.contains(label), "{label}: {svg}");
    }
    assert!(svg.contains("<desc>Bar chart of total, orders by country, 3 rows of sales</desc>"), "{svg}");
}

#[test]
fn bars_hang_from_zero_where_they_are_negative() {
    let svg = drawn(
        &chart("BarChart", &["a", "b"]),
        &grid(vec![vec![text("up"), text("down")], vec![number(4.0), number(-4.0)]]),
    );
    let bars: Vec<Vec<f64>> = svg
        .split("<rect ")
        .filter(|rect| rect.contains("stroke=\"none\""))
        .map(|rect| {
            let part = |name: &str| rect.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
            ["y", "height"].map(|name| part(name).parse().unwrap()).to_vec()
        })
        .collect();
    let [_, up, down] = &bars[..] else { panic!("{svg}") };
    assert!((up[1] - down[1]).abs() <= 2.0, "equal heights: {bars:?}");
    assert!((up[0] + up[1] - down[0]).abs() <= 2.0, "one ends where the other begins: {bars:?}");
}

#[test]
fn labels_are_data() {
    let hostile = "<script>alert(1)</script>&\"'\u{0}\u{202e}";
    for word in ALL {
        let mut chart = chart(word, &["country", hostile]);
        chart.title = hostile.to_owned();
        chart.table = hostile.to_owned();
        chart.label_rotation = 45;
        let svg = drawn(&chart, &grid(vec![vec![text(hostile)], vec![number(1.0)]]));
        assert!(!svg.contains("<script") && !svg.contains('\u{0}') && !svg.contains('\u{202e}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;alert"), "{svg}");
    }
}

#[test]
fn lines_break_where_values_are_missing_unless_those_are_hidden() {
    let rows = || {
        grid(vec![
            (1..=5).map(|day| text(&format!("2024-03-0{day}"))).collect(),
            vec![number(1.0), number(2.0), Cell::Null, number(4.0), number(5.0)],
        ])
    };
    let mut chart = chart("LineChart", &["day", "value"]);
    let lines = |svg: &str| svg.matches("stroke=\"#0072B2\"").count();
    assert_eq!(lines(&drawn(&chart, &rows())), 2);
    chart.hide_null_values = true;
    let svg = drawn(&chart, &rows());
    assert_eq!(lines(&svg), 1);
    assert!(svg.contains(">1 Mar 2024<") && svg.contains(">5 Mar<"), "an axis of time: {svg}");
}

#[test]
fn lines_go_along_the_axis_whatever_the_order_of_rows() {
    let svg = drawn(
        &chart("LineChart", &["x", "y"]),
        &grid(vec![vec![number(3.0), number(1.0), number(2.0)], vec![number(30.0), number(10.0), number(20.0)]]),
    );
    let line = svg.split("stroke=\"#0072B2\"").nth(1).unwrap();
    let points = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let across: Vec<f64> = points.split_whitespace().map(|it| it.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(across.len() == 3 && across.is_sorted(), "{across:?}");
}

#[test]
fn slices_are_shares() {
    let columns = vec![vec![text("a"), text("b"), text("c")], vec![number(1.0), number(3.0), number(-9.0)]];
    let svg = drawn(&chart("PieChart", &["name", "value"]), &grid(columns));
    assert!(svg.contains(">25.0 %<") && svg.contains(">75.0 %<") && svg.contains("1 negative value"), "{svg}");
    let many: Vec<Cell> = (0..50).map(|index| text(&format!("n{index}"))).collect();
    let values = (0..50).map(|index| number(f64::from(index))).collect();
    let svg = drawn(&chart("PieChart", &["name", "value"]), &grid(vec![many, values]));
    assert!(svg.contains(">39 others<") && svg.contains(">n49<") && !svg.contains(">n1<"), "{svg}");
}

#[test]
fn a_table_shows_what_fits_and_says_what_does_not() {
    let rows = 1..=500;
    let columns =
        vec![rows.clone().map(|row| text(&format!("row {row}"))).collect(), rows.map(|_| Cell::Null).collect()];
    let svg = drawn(&chart("TableChart", &["name", "nothing"]), &grid(columns));
    assert!(svg.contains(">row 1<") && svg.contains(">null<") && !svg.contains(">row 100<"), "{svg}");
    assert!(svg.contains("of 500 rows<"), "{svg}");
}

#[test]
fn whatever_the_values_something_is_drawn() {
    let labels =
        |count: usize| (0..count).map(|row| text(&format!("{row}日本語のとても長いラベル"))).collect::<Vec<_>>();
    let columns: Vec<Vec<Cell>> = vec![
        Vec::new(),
        vec![Cell::Null],
        vec![Cell::Null, Cell::Null],
        vec![number(0.0)],
        vec![number(-0.0), number(0.0)],
        vec![number(7.0)],
        vec![number(-1e300), number(f64::MAX), number(f64::MIN)],
        vec![number(1e-300), number(5e-324)],
        vec![number(9_007_199_254_740_993.0), number(9_007_199_254_740_992.0)],
        vec![text("12"), text("12.5"), text("oops"), Cell::Blob],
        (0..10_000).map(|row| number(f64::from(row % 97) - 40.0)).collect(),
    ];
    for values in columns {
        for word in ALL {
            for (width, height) in [(200, 150), (800, 480), (4_000, 4_000)] {
                let mut chart = chart(word, &["label", "value"]);
                chart.label_rotation = if width == 200 { -90 } else { 30 };
                let named = grid(vec![labels(values.len()), values.clone()]);
                let svg = draw(kind(&chart).unwrap(), &chart, &named, PictureSize { width, height }).unwrap();
                assert_well_formed(&svg);
                let numbers = grid(vec![values.clone(), values.clone()]);
                assert_well_formed(
                    &draw(kind(&chart).unwrap(), &chart, &numbers, PictureSize { width, height }).unwrap(),
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let told = |chart: &Chart, columns| {
        kind(chart).and_then(|kind| draw(kind, chart, &grid(columns), PictureSize::default())).unwrap_err()
    };
    let unknown = told(&chart("Sankey", &["a", "b"]), vec![]);
    assert!(unknown.message().contains("\"Sankey\"") && unknown.message().contains("BarChart, LineChart"), "{unknown}");
    let alone = told(&chart("BarChart", &["a"]), vec![vec![text("x")]]);
    assert!(alone.message().contains("at least two columns"), "{alone}");
    let words = told(&chart("BarChart", &["a", "b"]), vec![vec![text("x")], vec![text("y")]]);
    assert!(words.message().contains("column \"b\" holds no numbers to draw but \"y\""), "{words}");
    for (width, height, named) in [(199, 480, "`width` is 199"), (800, 4_001, "`height` is 4001")] {
        let error = PictureSize { width, height }.check().unwrap_err();
        assert!(error.message().contains(named), "{error}");
    }
}

#[test]
fn a_cut_is_told() {
    let grid = Grid { columns: vec![vec![text("a"); 10_000], vec![number(1.0); 10_000]], cut: true };
    for word in ["BarChart", "PieChart"] {
        assert!(drawn(&chart(word, &["a", "b"]), &grid).contains("only the first 10,000 rows are shown"));
    }
    assert!(drawn(&chart("TableChart", &["a", "b"]), &grid).contains("of more than 10,000 rows"));
}
