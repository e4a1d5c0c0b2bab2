/// What can go wrong while packing or unpacking.
package enum ZlibError: Error, Equatable {
    /// zlib has no memory for its window.
    case outOfMemory
    /// The bytes are not what zlib wrote, or end early.
    case damaged(reason: String)
    /// The bytes unpack to more than was expected.
    case tooLarge(limit: Int)

    /// What went wrong.
    package var message: String {
        switch self {
        case .outOfMemory: "no memory to pack data"
        case .damaged(let reason): "packed data is damaged: \(reason)"
        case .tooLarge(let limit): "packed data holds more than \(limit) bytes"
        }
    }

    /// What to try.
    package var hint: String? { nil }
}
