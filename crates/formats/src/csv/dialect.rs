//! Which separator and quote a CSV body uses.

use super::tokens::{Field, Tokens};

/// How many bytes are looked at.
const DIALECT_BYTES: usize = 128 << 10;

/// How many records are looked at.
const DIALECT_RECORDS: usize = 500;

/// Candidates, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What parts fields, and what encloses those that contain a separator or a line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) separator: u8,
    pub(super) quote: u8,
}

/// How well a dialect explains a sample.
struct Fit {
    /// How many fields the header has.
    width: usize,
    /// The share of records with as many fields as the header.
    even: f64,
    /// How many fields are quoted.
    quoted: usize,
    /// Whether quotes are used as quotes only.
    sound: bool,
}

impl Dialect {
    /// The dialect in which most records have as many fields as the header, and the header more than one.
    pub(super) fn sniff(sample: &[u8]) -> Self {
        let cut = sample.len().min(DIALECT_BYTES);
        let (sample, whole) = (&sample[..cut], cut == sample.len());
        let mut best: Option<(Self, Fit)> = None;
        for separator in SEPARATORS {
            let candidate = Self::with_quote(separator, sample, whole);
            let better = best.as_ref().is_none_or(|(_, fit)| {
                let rank = |fit: &Fit| (fit.width > 1, fit.even, if fit.width > 1 { fit.width } else { 0 });
                rank(&candidate.1) > rank(fit)
            });
            if better {
                best = Some(candidate);
            }
        }
        best.map_or(Self { separator: b',', quote: b'"' }, |(dialect, _)| dialect)
    }

    /// The dialect of a separator: single quotes count as such only where they enclose fields and no double ones do.
    fn with_quote(separator: u8, sample: &[u8], whole: bool) -> (Self, Fit) {
        let double = Self { separator, quote: b'"' };
        let double_fit = double.fit(sample, whole);
        let single = Self { separator, quote: b'\'' };
        let single_fit = single.fit(sample, whole);
        let better =
            double_fit.quoted == 0 && single_fit.quoted > 0 && single_fit.sound && single_fit.even >= double_fit.even;
        if better { (single, single_fit) } else { (double, double_fit) }
    }

    fn fit(self, sample: &[u8], whole: bool) -> Fit {
        let mut data = sample.to_vec();
        let mut tokens = Tokens::new(self, None);
        let mut fields: Vec<Field> = Vec::new();
        let mut fit = Fit { width: 0, even: 1.0, quoted: 0, sound: true };
        let (mut records, mut even) = (0_u32, 0_u32);
        for record in 0..=DIALECT_RECORDS {
            fields.clear();
            let read = tokens.read(&mut data, 1, &mut fields);
            // The last record of a cut sample is cut as well.
            let cut = !whole && tokens.at == data.len();
            if read == 0 || cut {
                fit.sound = tokens.fault.is_none() || cut;
                break;
            }
            fit.quoted += fields.iter().filter(|field| field.is_quoted()).count();
            if record == 0 {
                fit.width = fields.len();
            } else {
                records += 1;
                even += u32::from(fields.len() == fit.width);
            }
        }
        if !fit.sound {
            records += 1;
        }
        if records > 0 {
            fit.even = f64::from(even) / f64::from(records);
        }
        fit
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    fn sniff(text: &str) -> (char, char) {
        let dialect = Dialect::sniff(text.as_bytes());
        (dialect.separator.into(), dialect.quote.into())
    }

    #[test]
    fn separators_are_recognised() {
        assert_eq!(sniff("a,b\n1,2\n"), (',', '"'));
        assert_eq!(sniff("a;b\n1,5;2,5\n"), (';', '"'));
        assert_eq!(sniff("a\tb\tc\nx, y\t1\t2\n"), ('\t', '"'));
        assert_eq!(sniff("a|b\n1|2"), ('|', '"'));
        assert_eq!(sniff("name\nDoe\nRoe\n"), (',', '"'));
        assert_eq!(sniff("text\nhello, world\n"), (';', '"'));
    }

    #[test]
    fn a_few_bad_records_do_not_change_the_separator() {
        assert_eq!(sniff("a,b\n1,2\n3\n4,5\n6,7,8\n"), (',', '"'));
        assert_eq!(sniff("a,b\n1,2,3\n"), (',', '"'));
    }

    #[test]
    fn separators_inside_quotes_do_not_count() {
        assert_eq!(sniff("a;b\n\"x,y,z\";\"1,2,3\"\n"), (';', '"'));
        assert_eq!(sniff("a,b\n\"x;\n;y\",2\n"), (',', '"'));
    }

    #[test]
    fn single_quotes_are_recognised_where_they_enclose() {
        assert_eq!(sniff("a,b\n'x,y',2\n'it''s',3\n"), (',', '\''));
        assert_eq!(sniff("a,b\nit's,2\n"), (',', '"'));
        assert_eq!(sniff("a,b\n\"x\",'y'\n"), (',', '"'));
        assert_eq!(sniff("a,b\n'tis,2\n'twas,3\n"), (',', '"'));
    }
}
