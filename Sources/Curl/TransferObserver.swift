/// Who a transfer belongs to: libcurl asks it for the body and tells it what arrives.
///
/// Every call comes on the thread that drives the transfer, from inside libcurl: none may block, and none
/// may call libcurl.
package protocol TransferObserver: AnyObject {
    /// A connection stands and the request is about to go out.
    ///
    /// libcurl asks again when it sends a request a second time over another connection.
    ///
    /// - Parameter localPort: The connection's port on this side.
    /// - Returns: Whether to send; false ends the transfer with ``CurlCode/abortedByCallback``.
    func maySend(localPort: Int32) -> Bool

    /// libcurl wants more of the body.
    ///
    /// - Parameter buffer: Where to put it.
    /// - Returns: How many bytes were put; 0 ends the body.
    func readBody(into buffer: UnsafeMutableRawBufferPointer) -> Int

    /// libcurl wants to send the body again.
    ///
    /// - Parameter offset: The offset to go on from.
    /// - Returns: Whether that is possible.
    func rewindBody(to offset: Int) -> Bool

    /// A line of the response's head arrived: the status line, a field, or the empty last line.
    ///
    /// - Parameter line: The line with its line end; valid during the call only.
    func received(headLine line: UnsafeRawBufferPointer)

    /// A part of the response's body arrived.
    ///
    /// - Parameter bytes: The part; valid during the call only.
    /// - Returns: Whether to go on; false ends the transfer with ``CurlCode/writeError``.
    func received(body bytes: UnsafeRawBufferPointer) -> Bool
}
