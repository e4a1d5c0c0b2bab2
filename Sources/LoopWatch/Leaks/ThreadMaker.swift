import CLoopProbe

/// Who called `pthread_create`.
enum ThreadMaker {
    /// Whether dispatch made a thread.
    ///
    /// - Parameter stack: The maker's stack; where it doesn't tell, the thread counts as dispatch's.
    /// - Returns: Whether it did.
    static func isDispatch(_ stack: lp_stack) -> Bool {
        let probed = ProbedStack(stack)
        let names = RawStack(addresses: probed.addresses, kinds: probed.kinds).entries.lazy
            .map { LinkerResolver.name(of: $0.lookup) }
        // The probe's own function of this name is the first one that the linker knows.
        guard let call = names.firstIndex(where: { $0.symbol == "pthread_create" }) else { return true }
        return names[names.index(after: call)...].first.map(isDispatch) ?? true
    }

    /// Whether a function is dispatch's, which may be a part of the program.
    private static func isDispatch(_ name: FrameName) -> Bool {
        if let image = name.image, ImagePath(path: image).name.hasPrefix("libdispatch") { return true }
        return name.symbol?.hasPrefix("_dispatch_") == true
    }
}
