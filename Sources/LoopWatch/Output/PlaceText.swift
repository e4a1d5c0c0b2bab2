extension StackFrame {
    /// The path as reports print it, from `Sources/` or `Tests/` on.
    package var shortPath: String? { file.map { SourcePath(path: $0).shortPath } }

    /// The Swift module, which packages name a folder of `Sources` or `Tests` for; `nil` if it can't be told.
    package var swiftModule: String? {
        guard let file else { return nil }
        let parts = file.split(separator: "/")
        guard let start = parts.lastIndex(where: { $0 == "Sources" || $0 == "Tests" }) else { return nil }
        return start + 2 < parts.count ? String(parts[start + 1]) : nil
    }

    /// The file's name without its folders.
    package var fileName: String? {
        file.flatMap { $0.split(separator: "/").last }.map(String.init)
    }

    /// The function's name in full; a place in the image, or an address, for one without.
    package var fullName: String {
        if let function, !function.isEmpty { return function }
        if let module, let offset { return "\(module)+0x\(String(offset, radix: 16))" }
        return module ?? "0x\(String(address, radix: 16))"
    }

    /// The function's name without its parameters.
    package var nameText: String {
        let name = fullName.prefix { $0 != "(" }
        return name.isEmpty ? fullName : String(name)
    }

    /// `IngestHandler.swift:80 ingestBlocking`, or the name alone without a file.
    package var placeText: String { place(fileName).map { "\($0) \(nameText)" } ?? nameText }

    /// `Sources/IngestServer/IngestHandler.swift:80 ingestBlocking`, or the name alone without a file.
    package var longPlaceText: String { linePlace.map { "\($0) \(nameText)" } ?? nameText }

    /// `Sources/IngestServer/IngestHandler.swift:80`; `nil` without a file.
    package var linePlace: String? { place(shortPath) }

    private func place(_ path: String?) -> String? {
        path.map { path in line.map { "\(path):\($0)" } ?? path }
    }
}

extension LoopBlock {
    /// `Sources/IngestServer/IngestHandler.swift:80 ingestBlocking → usleep`.
    package var causeText: String { StackFrame.causeText(blame, callee) }
}

extension StackFrame {
    /// The text form of a blame and its callee.
    ///
    /// - Parameters:
    ///   - blame: The function to blame.
    ///   - callee: The function that it called.
    /// - Returns: The text, with what is known.
    package static func causeText(_ blame: StackFrame?, _ callee: StackFrame?) -> String {
        switch (blame, callee) {
        case (let blame?, let callee?): "\(blame.longPlaceText) → \(callee.nameText)"
        case (let blame?, nil): blame.longPlaceText
        case (nil, let callee?): "no frame of yours → \(callee.nameText)"
        case (nil, nil): "no stack"
        }
    }
}

extension Duration {
    /// Milliseconds with a decimal, seconds from ten on: `60.6 ms`, `10 ms`, `12.3 s`.
    package var shortText: String {
        let nanoseconds = wholeNanoseconds
        let isLong = nanoseconds.magnitude >= 10_000_000_000
        let unit: Int64 = isLong ? 1_000_000_000 : 1_000_000
        let tenths = (nanoseconds.magnitude + UInt64(unit / 20)) / UInt64(unit / 10)
        let sign = nanoseconds < 0 && tenths > 0 ? "-" : ""
        let fraction = tenths % 10 == 0 ? "" : ".\(tenths % 10)"
        return "\(sign)\(tenths / 10)\(fraction) \(isLong ? "s" : "ms")"
    }
}
