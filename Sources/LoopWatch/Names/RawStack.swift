/// A stack as it was taken: addresses, innermost first.
package struct RawStack: Hashable, Sendable {
    /// How an address came into its stack; the numbers are those of `lp_frame_kind`.
    package enum Kind: UInt8, Sendable {
        /// The interrupted instruction.
        case programCounter = 0
        /// Where a call returns to.
        case returnAddress = 1
        /// Where an asynchronous caller goes on.
        case asyncResumption = 2
    }

    /// One address.
    package struct Entry: Hashable, Sendable {
        /// The address as it was found.
        package let address: UInt64
        /// How it came into the stack.
        package let kind: Kind

        /// An address inside the instruction that is meant: a call's return address belongs to the next one.
        package var lookup: UInt64 { kind == .returnAddress && address > 0 ? address - 1 : address }
    }

    /// The addresses.
    package let entries: [Entry]

    /// Makes a stack; a last address of 0, where unwinding ran out, is left away.
    ///
    /// - Parameters:
    ///   - addresses: The addresses, innermost first.
    ///   - kinds: How each came into the stack; what is missing or unknown counts as a return address.
    package init(addresses: [UInt64], kinds: [UInt8]) {
        var entries = addresses.enumerated().map { index, address in
            let kind = kinds.indices.contains(index) ? Kind(rawValue: kinds[index]) : nil
            return Entry(address: address, kind: kind ?? .returnAddress)
        }
        if entries.last?.address == 0 { entries.removeLast() }
        self.entries = entries
    }
}
