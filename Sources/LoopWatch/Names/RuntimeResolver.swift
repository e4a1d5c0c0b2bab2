#if os(Linux) && canImport(Runtime)
internal import CLoopProbe
import Runtime
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Names by the toolchain's `Runtime` module, and lines by ``LineTables``.
///
/// The module tells lines too, with the functions that are inlined at an address, but it runs all of an image's line
/// programs for each: it is asked only where an image has no line table that can be read, a compressed one say.
///
/// It symbolicates its own backtraces only, so addresses are put into the coded form of one. The debug
/// information that it opens belongs to the thread that asks: one thread asks all questions.
package final class RuntimeResolver: FrameResolver {
    package let givesPlaces = true
    private let lines = LineTables()
    private let images: Mutex<(map: ImageMap, loads: UInt64)>

    /// Takes the map of the process's images.
    ///
    /// - Returns: `nil` if the coded form of backtraces isn't the known one, or names were turned off.
    package init?() {
        images = Mutex((ImageMap.capture(), lp_load_count()))
        guard !lp_is_disabled("names"), Self.isFormKnown() else { return nil }
    }

    package func names(of addresses: [UInt64]) -> [FrameName] {
        let map = currentImages()
        guard let frames = Self.symbolicate(addresses, map, []), frames.count == addresses.count else {
            return addresses.map(LinkerResolver.name)
        }
        return zip(addresses, frames).map { address, frame in
            guard let symbol = frame.symbol, symbol.rawName != Self.unknown else {
                return LinkerResolver.name(of: address)
            }
            return Self.name(of: symbol, at: address, in: map)
        }
    }

    package func places(of address: UInt64, in name: FrameName) -> [FramePlace] {
        lines.places(of: address, in: name) ?? Self.slowPlaces(of: address, currentImages())
    }

    private static func slowPlaces(of address: UInt64, _ map: ImageMap) -> [FramePlace] {
        let options: Backtrace.SymbolicationOptions = [
            .showInlineFrames, .showSourceLocations, .useSymbolCache,
        ]
        let frames = symbolicate([address], map, options) ?? []
        return frames.compactMap { frame in
            guard let symbol = frame.symbol else { return nil }
            let place = symbol.sourceLocation
            return FramePlace(
                function: symbol.rawName == unknown ? nil : symbol.name,
                file: place?.path,
                line: place?.line ?? 0,
                column: place?.column ?? 0
            )
        }
    }

    private static let unknown = "<unknown>"

    private static func name(
        of symbol: SymbolicatedBacktrace.Symbol,
        at address: UInt64,
        in map: ImageMap
    ) -> FrameName {
        let image = map.indices.contains(symbol.imageIndex) ? map[symbol.imageIndex] : nil
        let start = image.flatMap { UInt64($0.baseAddress) }
        return FrameName(
            function: symbol.name,
            symbol: symbol.rawName,
            image: image?.path ?? image?.name,
            offset: start.map { address &- $0 },
            start: UInt64(exactly: symbol.offset).map { address &- $0 }
        )
    }

    private static func symbolicate(
        _ addresses: [UInt64],
        _ map: ImageMap,
        _ options: Backtrace.SymbolicationOptions
    ) -> [SymbolicatedBacktrace.Frame]? {
        backtrace(of: addresses)?.symbolicated(with: map, options: options)?.frames
    }

    /// The images, taken again when one was loaded or unloaded since.
    private func currentImages() -> ImageMap {
        let loads = lp_load_count()
        return images.withLock { images in
            if images.loads != loads { images = (ImageMap.capture(), loads) }
            return images.map
        }
    }

    /// The fields of a coded backtrace without those that may be left out.
    private struct CodedBacktrace: Codable {
        var architecture: String
        var backtrace: String
    }

    private static func backtrace(of addresses: [UInt64]) -> Backtrace? {
        let bytes = BacktraceBytes(programCounters: addresses).bytes
        let text = Data(bytes).base64EncodedString().filter { $0 != "=" }
        let coded = CodedBacktrace(architecture: architecture, backtrace: text)
        // A failure means that the form has changed: names then come from the linker.
        guard let document = try? JSONEncoder().encode(coded) else { return nil }
        return try? JSONDecoder().decode(Backtrace.self, from: document)
    }

    /// Whether addresses come back from the coded form as they went in.
    private static func isFormKnown() -> Bool {
        let addresses: [UInt64] = [0x5555_0000_1234, 0x7fff_0000_0001, 0x1000, 0x5555_0000_1234]
        guard let frames = backtrace(of: addresses)?.frames else { return false }
        return frames.compactMap { UInt64($0.adjustedProgramCounter) } == addresses
    }

    /// The architecture's name as the module itself writes it; decoding asks for one.
    private static var architecture: String {
        #if arch(arm64)
        "arm64"
        #else
        "x86_64"
        #endif
    }
}
#endif
