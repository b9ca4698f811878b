//! JSON of long answers, written straight into one buffer.
//!
//! Lives here: a serializer for rows whose field names are known when the program is built. Does
//! not live here: reading JSON, and what a row holds. Invariant: the bytes are those of
//! `serde_json::to_vec`; only the way to them is shorter, as names of fields are copied, not looked
//! through for characters to escape.

use std::fmt::{Display, Write};

use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use serde_json::Error;

/// The JSON of a value.
///
/// # Errors
/// What the value's own serialisation says; a map whose keys are no texts.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut out = Out { bytes: Vec::with_capacity(4_096) };
    value.serialize(&mut out)?;
    Ok(out.bytes)
}

/// The JSON of some values, with commas between, at the end of a buffer.
///
/// # Errors
/// Those of `to_vec`.
pub fn append_all<T: Serialize>(
    bytes: &mut Vec<u8>,
    values: impl Iterator<Item = T>,
) -> Result<(), Error> {
    let mut out = Out { bytes: std::mem::take(bytes) };
    let mut written = Ok(());
    for (nth, value) in values.enumerate() {
        if nth > 0 {
            out.bytes.push(b',');
        }
        written = written.and_then(|()| value.serialize(&mut out));
    }
    *bytes = out.bytes;
    written
}

struct Out {
    bytes: Vec<u8>,
}

/// The most bytes that are made room for at once.
const MOST_AHEAD: usize = 64 << 20;

/// Whether any byte of a text must be escaped; eight at a time, as most texts have none.
fn must_be_escaped(text: &[u8]) -> bool {
    let (eights, rest) = text.as_chunks::<8>();
    let inside = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    eights.iter().any(|eight| any_of_eight(u64::from_ne_bytes(*eight))) || rest.iter().any(inside)
}

/// Whether any of eight bytes is below 0x20, a quotation mark or a backslash: a byte's highest bit
/// is set by a subtraction that had to borrow.
fn any_of_eight(bytes: u64) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, bound: u64| bytes.wrapping_sub(EACH * bound) & !bytes;
    let quotes = below(bytes ^ (EACH * 0x22), 1);
    let slashes = below(bytes ^ (EACH * 0x5c), 1);
    (below(bytes, 0x20) | quotes | slashes) & (EACH << 7) != 0
}

impl Out {
    fn text(&mut self, text: &str) -> Result<(), Error> {
        if must_be_escaped(text.as_bytes()) {
            return serde_json::to_writer(&mut self.bytes, text);
        }
        self.bytes.reserve(text.len() + 2);
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'"');
        Ok(())
    }

    fn integer<I: itoa::Integer>(&mut self, number: I) {
        self.bytes.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    /// A name that stands in the program.
    fn name(&mut self, first: bool, name: &'static str) {
        self.bytes.reserve(name.len() + 24);
        self.bytes.push(if first { b'{' } else { b',' });
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
    }

    fn open(&mut self, opening: u8, closing: &'static str) -> Compound<'_> {
        Compound { out: self, opening: Some(opening), closing, to_come: 0 }
    }

    /// What stands under the name of a variant.
    fn open_variant(&mut self, variant: &'static str, opening: u8) -> Compound<'_> {
        self.name(true, variant);
        self.open(opening, if opening == b'[' { "]}" } else { "}}" })
    }
}

impl Write for Out {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// A list or an object that is being written.
struct Compound<'a> {
    out: &'a mut Out,
    /// Not yet written: so is nothing of it.
    opening: Option<u8>,
    closing: &'static str,
    /// How many elements are said to come, until the first shows how long one is.
    to_come: usize,
}

impl Compound<'_> {
    fn next(&mut self) {
        self.out.bytes.push(self.opening.take().unwrap_or(b','));
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let from = self.out.bytes.len();
        self.next();
        value.serialize(&mut *self.out)?;
        let rest = std::mem::take(&mut self.to_come).saturating_sub(1);
        if rest > 0 {
            // Rows are about as long as each other: better one large buffer than many copies.
            let one = self.out.bytes.len().saturating_sub(from);
            self.out.bytes.reserve(rest.saturating_mul(one + one / 8).min(MOST_AHEAD));
        }
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, of: &T) -> Result<(), Error> {
        let first = self.opening.take().is_some();
        self.out.name(first, name);
        of.serialize(&mut *self.out)
    }

    fn close(mut self) -> Result<(), Error> {
        if let Some(opening) = self.opening.take() {
            self.out.bytes.push(opening);
        }
        self.out.bytes.extend_from_slice(self.closing.as_bytes());
        Ok(())
    }
}

/// Lists of either kind.
macro_rules! list {
    ($($as:ident $function:ident),*) => { $(
        impl $as for Compound<'_> {
            type Ok = ();
            type Error = Error;
            fn $function<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }
            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )* };
}

list!(SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

/// Objects whose names stand in the program.
macro_rules! object {
    ($($as:ident),*) => { $(
        impl $as for Compound<'_> {
            type Ok = ();
            type Error = Error;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(name, value)
            }
            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )* };
}

object!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.next();
        let at = self.out.bytes.len();
        key.serialize(&mut *self.out)?;
        match self.out.bytes.get(at) {
            Some(b'"') => Ok(()),
            _ => Err(Error::custom("a key must be a text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.bytes.push(b':');
        value.serialize(&mut *self.out)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

macro_rules! integers {
    ($($name:ident $of:ty),*) => { $(
        fn $name(self, number: $of) -> Result<(), Error> {
            self.integer(number);
            Ok(())
        }
    )* };
}

impl<'a> Serializer for &'a mut Out {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_i128 i128, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32,
        serialize_u64 u64, serialize_u128 u128);

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.bytes.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        serde_json::to_writer(&mut self.bytes, &value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        serde_json::to_writer(&mut self.bytes, &value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.text(text)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.bytes.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.name(true, variant);
        value.serialize(&mut *self)?;
        self.bytes.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(Compound { to_come: length.unwrap_or(0), ..self.open(b'[', "]") })
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open(b'[', "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open(b'[', "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(self.open_variant(variant, b'['))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(self.open(b'{', "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open(b'{', "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(self.open_variant(variant, b'{'))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.bytes.push(b'"');
        let from = self.bytes.len();
        write!(self, "{value}").map_err(Error::custom)?;
        let written = self.bytes.get(from..).unwrap_or_default();
        if must_be_escaped(written) {
            let text = String::from_utf8_lossy(written).into_owned();
            self.bytes.truncate(from.saturating_sub(1));
            return self.text(&text);
        }
        self.bytes.push(b'"');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
