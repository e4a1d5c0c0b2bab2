/// A stack whose addresses are being looked up.
struct StackLookup: Sendable {
    /// The stack.
    let stack: RawStack
    /// What is known of its addresses.
    var entries: [UInt64: FrameCache.Entry]

    /// The frames as far as they are known.
    var frames: [StackFrame] {
        stack.entries.flatMap { entry in
            let known = entries[entry.lookup]
            return FrameAssembly.frames(
                address: entry.address,
                kind: entry.kind,
                name: known?.name ?? FrameName(),
                places: known?.places ?? []
            )
        }
    }
}
