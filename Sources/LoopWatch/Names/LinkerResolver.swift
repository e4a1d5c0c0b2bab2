internal import CLoopProbe

/// Names by the dynamic linker: exported functions only, and no lines.
///
/// The corresponding C function is `dladdr`.
package struct LinkerResolver: FrameResolver {
    package let givesPlaces = false

    /// Makes a resolver.
    package init() {}

    package func names(of addresses: [UInt64]) -> [FrameName] { addresses.map(Self.name) }

    package func places(of address: UInt64, in name: FrameName) -> [FramePlace] { [] }

    /// The function at one address.
    ///
    /// - Parameter address: An address inside the instruction that is meant.
    /// - Returns: What the linker knows; all of it absent for an address of no image.
    package static func name(of address: UInt64) -> FrameName {
        var found = lp_linker_entry()
        guard lp_linker_look_up(address, &found) else { return FrameName() }
        let symbol = found.symbol.map { String(cString: $0) }
        return FrameName(
            function: symbol.map(SwiftDemangler.demangle),
            symbol: symbol,
            image: found.image.map { String(cString: $0) },
            offset: found.image_start > address ? nil : address - found.image_start
        )
    }

    /// What names the exact build of the image that has an address.
    ///
    /// - Parameter address: An address inside the image.
    /// - Returns: The build ID in hexadecimal digits; `nil` if the image has none.
    package static func buildID(at address: UInt64) -> String? {
        let bytes = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = lp_build_id(address, start, buffer.count)
        }
        guard !bytes.isEmpty else { return nil }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
