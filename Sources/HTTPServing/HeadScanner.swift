/// Finds the empty line that ends a request's head, however its bytes are cut.
struct HeadScanner {
    private var hasContent = false
    private var lineIsEmpty = false

    /// Looks through the next bytes.
    ///
    /// Empty lines before the request line don't count, and lone line feeds do, as in the HTTP parser behind.
    ///
    /// - Parameter bytes: The next bytes of the connection.
    /// - Returns: Whether the head ends in them.
    mutating func findsEnd(in bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if hasContent, lineIsEmpty { return true }
                lineIsEmpty = true
            case UInt8(ascii: "\r"):
                break
            default:
                hasContent = true
                lineIsEmpty = false
            }
        }
        return false
    }
}
