//! Lines of bounded length over a socket.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest request, in bytes: one that asks about some ten thousand servers.
pub(super) const LONGEST_REQUEST: u64 = 1 << 20;

/// The longest answer, in bytes: more than a journal of default length.
pub(super) const LONGEST_ANSWER: u64 = 64 << 20;

/// What came of reading a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// The line is longer than it may be. The rest of it is still unread.
    TooLong,
    /// The other side closed the connection, perhaps within a line.
    Closed,
}

/// Reads a line of at most `longest` bytes. A read that is dropped loses what it has read.
pub(super) async fn read(from: &mut (impl AsyncBufRead + Unpin), longest: u64) -> io::Result<Line> {
    let mut line = Vec::new();
    // One more for the end of the line.
    let read = from.take(longest + 1).read_until(b'\n', &mut line).await?;
    if line.pop_if(|last| *last == b'\n').is_some() {
        return Ok(Line::Whole(line));
    }
    Ok(if read as u64 > longest { Line::TooLong } else { Line::Closed })
}

/// Writes a line; `line` is without its end.
pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), mut line: Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_bounded_and_whole() {
        let mut text: &[u8] = b"1234\n12345\n";
        assert_eq!(read(&mut text, 4).await.unwrap(), Line::Whole(b"1234".to_vec()));
        assert_eq!(read(&mut text, 4).await.unwrap(), Line::TooLong);
        let mut text: &[u8] = b"half";
        assert_eq!(read(&mut text, 9).await.unwrap(), Line::Closed);
        assert_eq!(read(&mut text, 9).await.unwrap(), Line::Closed);
    }
}
