//! A connection that is given up when its other end takes nothing for too long.

use std::{pin::Pin, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_io_timeout::TimeoutStream;

/// A stream whose writes fail after a time in which none of them went on. Without that, clients
/// that ask and never read would hold all places of the server.
pub(crate) fn giving_up<S: AsyncRead + AsyncWrite>(
    stream: S,
    patience: Duration,
) -> Pin<Box<TimeoutStream<S>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    Box::pin(stream)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Read},
        net, thread,
    };

    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    /// Sends 16 MiB, more than the system holds for a client, to one that does as `client` says.
    fn send(patience: Duration, client: impl FnOnce(net::TcpStream)) -> io::Result<()> {
        const MOST: usize = 16 << 20;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            client(net::TcpStream::connect(listener.local_addr().unwrap()).unwrap());
            let mut stream = giving_up(listener.accept().await.unwrap().0, patience);
            let (bytes, mut sent) = (vec![0; 1 << 16], 0);
            while sent < MOST {
                sent += stream.write(&bytes).await?;
            }
            Ok(())
        })
    }

    #[test]
    fn who_takes_nothing_is_given_up() {
        let mut kept = None;
        let error = send(Duration::from_millis(50), |socket| kept = Some(socket)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn who_reads_gets_all() {
        let read = |mut socket: net::TcpStream| {
            thread::spawn(move || while socket.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {});
        };
        send(Duration::from_secs(30), read).unwrap();
    }
}
