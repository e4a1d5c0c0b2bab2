import CLoopProbe
import Foundation
import Testing

import LoopWatch

#if os(Linux) && canImport(Runtime)
import Runtime

/// Lines of this program's own code, by its own debug information.
@Suite struct LineTableTests {
    /// An address in the call of the one that asks; 0 without a stack, which no test passes with.
    @inline(never) private static func caller() -> UInt64 {
        var stack = lp_stack()
        // The second is where this function returns to: just behind the call.
        guard lp_capture_self(&stack) >= 2 else { return 0 }
        return stack.addresses.1 - 1
    }

    private static func place(of address: UInt64) throws -> FramePlace {
        let name = try #require(RuntimeResolver()?.names(of: [address]).first)
        let places = try #require(LineTables().places(of: address, in: name))
        #expect(places.count == 1)
        return try #require(places.first)
    }

    @Test func `a call has the file and line in which it is written`() throws {
        let line = #line + 1
        let place = try Self.place(of: Self.caller())
        #expect(place.file == #filePath)
        #expect(place.line == line)
        #expect(place.column > 0)
    }

    @inline(never) private static func holderOfForeignCode() -> (address: UInt64, line: Int) {
        let line = UInt64(#line) + caller() % 1
        #sourceLocation(file:"/usr/lib/swift/Swift.swiftmodule/Array.swift",line:7)
        let address = caller()
        #sourceLocation()
        return (address, Int(line))
    }

    @Test func `foreign code in a function is told as the line where the function had come to`() throws {
        let (address, line) = Self.holderOfForeignCode()
        let place = try Self.place(of: address)
        #expect(place.file == #filePath)
        #expect(place.line == line)
        #expect(place.function?.contains("holderOfForeignCode()") == true)
    }

    @Test func `the line alone is that of the foreign code itself`() throws {
        let (address, _) = Self.holderOfForeignCode()
        var image = lp_linker_image()
        #expect(lp_linker_image_of(address, &image))
        let table = try #require(LineTable(path: String(cString: image.path)))
        let line = try #require(table.line(at: address - image.bias))
        #expect(line.file == "/usr/lib/swift/Swift.swiftmodule/Array.swift")
        #expect(line.line == 7)
    }

    @Test func `an address of nothing, or of an image without lines, has no place`() throws {
        let tables = LineTables()
        #expect(tables.places(of: 0x10, in: FrameName()) == nil)
        let libc = try #require(dlsym(dlopen(nil, RTLD_LAZY), "getenv"))
        #expect(tables.places(of: UInt64(UInt(bitPattern: libc)), in: FrameName()) == nil)
    }

    @Test func `a file that is missing, empty or no image has no table`() {
        #expect(LineTable(path: "/nowhere/at/all") == nil)
        #expect(LineTable(path: "/dev/null") == nil)
        #expect(LineTable(path: "/") == nil)
        #expect(LineTable(path: #filePath) == nil)
    }
}
#endif
