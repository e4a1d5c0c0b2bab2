import Curl

/// The bytes of an object on their way to the store; not copied while they are sent.
public struct S3Body: Sendable {
    let bytes: SharedBytes

    /// Copies bytes.
    ///
    /// - Parameter bytes: The object's bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        self.bytes = SharedBytes(copying: bytes)
    }

    /// Sends bytes from where they are.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which must stay as they are until `release` is called.
    ///   - release: Called once when they are needed no more; it may just hold their owner.
    public init(adopting bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        self.bytes = SharedBytes(adopting: bytes, release: release)
    }

    /// Some of the bytes, which are not copied.
    func slice(_ range: Range<Int>) -> S3Body {
        let owner = bytes
        return S3Body(adopting: UnsafeRawBufferPointer(rebasing: owner.bytes[range])) {
            withExtendedLifetime(owner) {}
        }
    }

    /// How many bytes there are.
    public var count: Int { bytes.count }
}
