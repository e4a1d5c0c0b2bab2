/// Sends one HTTP request after the other on the calling thread, over kept connections.
///
/// Belongs to one thread at a time. Blocks it until the response is there: never call it where others wait,
/// unless that is what is to be shown.
package struct BlockingClient: ~Copyable {
    private let transfer: RequestTransfer

    /// Makes a client without connections.
    ///
    /// - Throws: ``CurlError`` if libcurl cannot start.
    package init() throws(CurlError) {
        transfer = try RequestTransfer()
    }

    /// Sends a request and waits for its response.
    ///
    /// - Parameter request: What to send.
    /// - Returns: The response, whatever its status.
    /// - Throws: ``CurlError`` if there is none.
    package func perform(_ request: TransferRequest) throws(CurlError) -> TransferResponse {
        try transfer.prepare(request)
        return try transfer.perform()
    }
}
