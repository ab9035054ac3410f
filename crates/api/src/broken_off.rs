//! Answers that break off.

use bytes::Bytes;
use model::Result;

use crate::request_id::RequestId;

/// The status is out: an error cuts the transfer off, so that the caller sees it is not whole.
pub async fn broken_off(chunk: Result<Bytes>, id: RequestId) -> std::io::Result<Bytes> {
    match chunk {
        Ok(chunk) => Ok(chunk),
        Err(error) => {
            // What is buffered leaves the server before the connection is dropped.
            tokio::task::yield_now().await;
            Err(std::io::Error::other(id.told(&error)))
        }
    }
}
