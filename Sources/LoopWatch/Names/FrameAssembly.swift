/// Makes the frames of reports from what is known of an address.
enum FrameAssembly {
    /// The frames of one address.
    ///
    /// - Parameters:
    ///   - address: The address as it stood in the stack.
    ///   - kind: How it came into the stack.
    ///   - name: The function.
    ///   - places: The functions and lines at the address, innermost first; empty if they are unknown.
    /// - Returns: One frame for each function that is at the address, innermost first.
    static func frames(
        address: UInt64,
        kind: RawStack.Kind,
        name: FrameName,
        places: [FramePlace]
    ) -> [StackFrame] {
        let image = name.image.map(ImagePath.init)
        var frame = StackFrame(
            address: address,
            function: name.function.map { FunctionName(demangled: $0).displayed },
            module: image?.name,
            offset: name.offset,
            kind: kind == .asyncResumption ? .asyncCaller : .call
        )
        frame.isOwn = name.symbol.map(FunctionName.isOwn(symbol:)) ?? false
        guard let outermost = places.last else { return [frame] }
        let inlined = places.dropLast().map { place in
            var inner = frame
            inner.function = place.function.map { FunctionName(demangled: $0).displayed }
            if kind != .asyncResumption { inner.kind = .inlined }
            fill(&inner, from: place, isForeign: image?.isForeign ?? true)
            return inner
        }
        fill(&frame, from: outermost, isForeign: image?.isForeign ?? true)
        return inlined + [frame]
    }

    private static func fill(_ frame: inout StackFrame, from place: FramePlace, isForeign: Bool) {
        guard place.line > 0, let file = place.file else { return }
        let path = SourcePath(path: file)
        guard !path.isCompilerGenerated else { return }
        frame.isOwn = path.isOwn
        frame.file = file
        frame.line = place.line
        frame.column = place.column > 0 ? place.column : nil
        frame.isUserCode = !isForeign && !path.isForeign
        // What the compiler writes has no lines: these are of the function that was inlined there.
        if frame.isUserCode, let function = place.function {
            frame.function = FunctionName(demangled: function).written
        }
    }
}
