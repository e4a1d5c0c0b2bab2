/// Bytes that no one changes, shared without copying.
package final class SharedBytes: Sendable {
    /// The bytes; they stay in place as long as this object lives.
    ///
    /// Safe to share: nothing writes to them after the object is made.
    nonisolated(unsafe) package let bytes: UnsafeRawBufferPointer
    private let release: @Sendable () -> Void

    /// Copies bytes.
    ///
    /// - Parameter bytes: The bytes to copy.
    package convenience init(copying bytes: some Sequence<UInt8>) {
        let array = ContiguousArray(bytes)
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 16)
        array.withUnsafeBytes { copy.copyMemory(from: $0) }
        // Only released once, after the last use of this object.
        nonisolated(unsafe) let owned = copy
        self.init(adopting: UnsafeRawBufferPointer(copy)) { owned.deallocate() }
    }

    /// Takes over bytes that live elsewhere.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which must stay as they are until `release` is called.
    ///   - release: Called once when no one needs the bytes any more; it may just hold their owner.
    package init(adopting bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        self.bytes = bytes
        self.release = release
    }

    deinit { release() }

    /// How many bytes there are.
    package var count: Int { bytes.count }
}

/// One HTTP request to send.
package struct TransferRequest: Sendable {
    /// The method as it is sent.
    package var method: String
    /// The whole URL.
    package var url: String
    /// Whether `.` and `..` in the path are sent as they are.
    package var pathAsIs = false
    /// The fields to send; `Host` and `Content-Length` come by themselves.
    package var headers: [HeaderField]
    /// The body; nil sends none.
    package var body: SharedBytes?
    /// Whether the body waits for `100 Continue`, for a second at most.
    package var expectsContinue = false
    /// The most time for connecting.
    package var connectTimeout = Duration.seconds(10)
    /// The most time for everything.
    package var timeout = Duration.seconds(60)
    /// The most time below one kilobyte a second; nil for no such limit.
    package var stallTimeout: Duration?
    /// The longest response body taken, in bytes.
    package var responseLimit = 64 << 20

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: The method as it is sent.
    ///   - url: The whole URL.
    ///   - headers: The fields to send.
    ///   - body: The body; nil sends none.
    package init(
        _ method: String = "GET",
        url: String,
        headers: [HeaderField] = [],
        body: SharedBytes? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// The response to a ``TransferRequest``.
package struct TransferResponse: Sendable, Equatable {
    /// The status.
    package var status: Int
    /// The fields of the final head, in order.
    package var headers: [HeaderField]
    /// The body.
    package var body: [UInt8]
    /// Connections that had to be opened: 0 on a kept one.
    package var connectionsOpened: Int

    /// The value of the first field of that name.
    ///
    /// - Parameter name: The name in any case.
    /// - Returns: The value, or nil without such a field.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that no wait becomes zero.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
