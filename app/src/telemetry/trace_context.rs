//! The trace that a request belongs to: W3C Trace Context, level 1.
//!
//! <https://www.w3.org/TR/trace-context/>

use std::fmt;

use ports::Ids;

/// The flags that are defined: sampled, and random. A service does not pass on others.
const KNOWN_FLAGS: u8 = 0b11;

/// A place in a trace. `Display` is the header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) flags: u8,
}

impl TraceContext {
    /// A place of our own: in the caller's trace, if there is one.
    pub(crate) fn inside(caller: Option<&Self>, ids: &dyn Ids) -> Self {
        Self {
            trace_id: caller.map_or_else(|| ids.next().as_u128(), |caller| caller.trace_id),
            // Its last eight bytes are the random ones, and are never all zero.
            span_id: ids.next().as_u64_pair().1,
            flags: caller.map_or(0, |caller| caller.flags),
        }
    }

    /// The id of the trace, as the header has it.
    pub(crate) fn hex_trace_id(&self) -> impl fmt::Display {
        let trace_id = self.trace_id;
        fmt::from_fn(move |f| write!(f, "{trace_id:032x}"))
    }

    /// The caller's place, if the header is one that the standard allows. Of a version that
    /// is yet to come, the part is read that will stay as it is.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let version = hex(header.get(..2)?)?;
        let rest = header.get(55..)?;
        let is_whole = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        let mut parts = header.get(2..55)?.splitn(4, '-');
        let is_separated = parts.next() == Some("");
        let (trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?);
        let lengths = (trace_id.len(), span_id.len(), flags.len());
        if !is_whole || !is_separated || lengths != (32, 16, 2) {
            return None;
        }
        let context = Self {
            trace_id: hex(trace_id)?,
            span_id: u64::try_from(hex(span_id)?).ok()?,
            flags: u8::try_from(hex(flags)?).ok()? & KNOWN_FLAGS,
        };
        (context.trace_id != 0 && context.span_id != 0).then_some(context)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            span_id,
            flags,
        } = self;
        write!(f, "00-{trace_id:032x}-{span_id:016x}-{flags:02x}")
    }
}

/// Lower case alone is allowed, and no sign.
fn hex(text: &str) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_number = text.bytes().all(is_digit);
    is_number
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn what_the_standard_gives_as_an_example_is_read_and_written() {
        let header = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let context = TraceContext::parse(&header).unwrap();
        assert_eq!(context.span_id, 0x00f0_67aa_0ba9_02b7);
        assert_eq!(context.to_string(), header);
    }

    #[test]
    fn a_version_that_is_yet_to_come_may_say_more() {
        for rest in ["", "-", "-what comes"] {
            let header = format!("cc-{TRACE}-00f067aa0ba902b7-ff{rest}");
            let context = TraceContext::parse(&header).unwrap();
            assert_eq!(context.flags, KNOWN_FLAGS, "{header}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for header in [
            "",
            "00",
            &format!("00-{TRACE}-00f067aa0ba902b7"),
            &format!("00-{TRACE}-00f067aa0ba902b7-0"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            &format!("cc-{TRACE}-00f067aa0ba902b7-01more"),
            &format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            &format!("0g-{TRACE}-00f067aa0ba902b7-01"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            &format!("00-{TRACE}-+0f067aa0ba902b7-01"),
            &format!("00-{TRACE}_00f067aa0ba902b7-01"),
            &format!("00-{TRACE}00-f067aa0ba902b7-01"),
            &format!("00{TRACE}--00f067aa0ba902b7-01"),
            &format!("00-{TRACE}-00f067aa0ba902bé-1"),
        ] {
            assert_eq!(TraceContext::parse(header), None, "{header}");
        }
    }
}
