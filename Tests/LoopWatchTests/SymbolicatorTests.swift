import CLoopProbe
import Foundation
import Testing

import LoopWatch

#if os(Linux) && canImport(Runtime)
import Runtime

@inline(never) private func stackOfInnermost() -> [UInt64] {
    var stack = lp_stack()
    // Without a stack the tests that use it fail by its emptiness.
    let count = Int(lp_capture_self(&stack))
    return withUnsafeBytes(of: stack.addresses) {
        Array($0.bindMemory(to: UInt64.self).prefix(max(0, count)))
    }
}

@inline(never) private func stackOfMiddle(_ depth: Int, labelled: String) -> [UInt64] {
    let stack = stackOfInnermost()
    return depth > 0 ? stack : stack + [1]
}

private protocol StackSource { func stack(of depth: Int) async -> [UInt64] }

private struct AsyncSource<Value>: StackSource {
    let value: Value

    @inline(never) func stack(of depth: Int) async -> [UInt64] {
        await Task.yield()
        let stack = stackOfMiddle(depth, labelled: "async")
        return depth > 0 ? stack : []
    }
}

/// Real addresses of this file, named by the toolchain.
@Suite struct SymbolicatorTests {
    private static func returnAddresses(_ count: Int) -> [UInt8] {
        [UInt8](repeating: RawStack.Kind.returnAddress.rawValue, count: count)
    }

    @Test func `functions of the test get their names, files and lines`() throws {
        let line = #line + 1
        let addresses = stackOfMiddle(1, labelled: "sync")
        let kinds = Self.returnAddresses(addresses.count)
        let frames = Symbolicator.shared.frames(addresses: addresses, kinds: kinds)
        let mine = frames.filter { $0.isUserCode }
        #expect(mine.prefix(2).map(\.function) == ["stackOfInnermost()", "stackOfMiddle(_:labelled:)"])
        let caller = try #require(mine.dropFirst(2).first)
        #expect(caller.file == #filePath)
        #expect(caller.line == line)
        #expect(caller.module?.hasSuffix(".xctest") == true)
        #expect(mine.allSatisfy { $0.kind == .call && $0.offset != nil && $0.address != 0 })
    }

    @Test func `an asynchronous function keeps its name after a suspension, its witness isn't blamed`() async
    {
        let source: any StackSource = AsyncSource(value: 1)
        let addresses = await source.stack(of: 1)
        let kinds = Self.returnAddresses(addresses.count)
        let frames = Symbolicator.shared.frames(addresses: addresses, kinds: kinds)
        let names = frames.filter { $0.isUserCode }.map(\.function)
        #expect(
            names.starts(with: ["stackOfInnermost()", "stackOfMiddle(_:labelled:)", "AsyncSource.stack(of:)"])
        )
        #expect(!frames.contains { $0.function?.contains("resume partial") == true })
        for frame in frames where frame.function?.hasPrefix("protocol witness") == true {
            #expect(!frame.isUserCode)
        }
    }

    @Test func `frames of the testing library and the runtime are never the user's`() {
        let addresses = stackOfMiddle(1, labelled: "sync")
        let kinds = Self.returnAddresses(addresses.count)
        let frames = Symbolicator.shared.frames(addresses: addresses, kinds: kinds)
        let others = frames.filter { $0.module?.hasSuffix(".xctest") == false }
        #expect(!others.isEmpty)
        #expect(others.allSatisfy { !$0.isUserCode && $0.file == nil })
    }

    @Test func `background patience gives the same frames as none`() async {
        let addresses = stackOfMiddle(1, labelled: "sync")
        let kinds = Self.returnAddresses(addresses.count)
        let shared = Symbolicator.shared.frames(addresses: addresses, kinds: kinds)
        let own = Symbolicator(resolver: LinkerResolver())
        let patient = await own.frames(addresses: addresses, kinds: kinds, patience: .background)
        #expect(patient.map(\.address) == shared.filter { $0.kind != .inlined }.map(\.address))
        #expect(patient.allSatisfy { $0.file == nil && !$0.isUserCode })
        #expect(patient.first?.function == "stackOfInnermost()" || patient.first?.function == nil)
        let again = await Symbolicator.shared.frames(
            addresses: addresses,
            kinds: kinds,
            patience: .background
        )
        #expect(again == shared)
    }

    @Test func `the coded form of a backtrace is the known one`() {
        #expect(RuntimeResolver() != nil)
        #expect(Symbolicator.shared.givesPlaces)
    }
}
#endif

/// Addresses of C functions and of nothing, whatever names them.
@Suite struct SymbolicatorAddressTests {
    private static let everyResolver: [any FrameResolver] = {
        #if os(Linux) && canImport(Runtime)
        [LinkerResolver()] + (RuntimeResolver().map { [$0] } ?? [])
        #else
        [LinkerResolver()]
        #endif
    }()

    @Test func `a C function has its name, image and offset, and no line`() throws {
        let address = try #require(Self.address(of: "getenv"))
        for resolver in Self.everyResolver {
            let symbolicator = Symbolicator(resolver: resolver)
            let frame = try #require(symbolicator.frames(addresses: [address + 1], kinds: [0]).first)
            #expect(frame.function == "getenv")
            #expect(frame.module?.hasPrefix("libc.") == true)
            #expect(frame.offset != nil)
            #expect(frame.file == nil)
            #expect(!frame.isUserCode)
        }
    }

    @Test func `a return address belongs to the call before it`() throws {
        let address = try #require(Self.address(of: "getenv"))
        let linker = Symbolicator(resolver: LinkerResolver())
        let frames = linker.frames(addresses: [address, address], kinds: [0, 1])
        #expect(frames.first?.function == "getenv")
        #expect(frames.last?.function != "getenv")
        #expect(frames.map(\.address) == [address, address])
    }

    @Test func `an address of no image is a frame of its own without a name`() {
        for resolver in Self.everyResolver {
            let frames = Symbolicator(resolver: resolver).frames(addresses: [0x10], kinds: [0])
            #expect(frames == [StackFrame(address: 0x10, function: nil)])
        }
    }

    @Test func `a deferred frame has image and offset alone, and the image its build`() throws {
        let address = try #require(Self.address(of: "getenv"))
        let frames = Symbolicator.shared.places(addresses: [address + 1, 0], kinds: [2, 1])
        let frame = try #require(frames.first)
        #expect(frames.count == 1)
        #expect(frame.function == nil)
        #expect(frame.kind == .asyncCaller)
        #expect(frame.module?.hasPrefix("libc.") == true)
        let offset = try #require(frame.offset)
        #expect(offset < address)
        #if os(Linux)
        let builds = Symbolicator.buildIDs(addresses: [address])
        let build = try #require(builds[frame.module ?? ""])
        #expect(build.count == 40)
        #expect(build.allSatisfy { $0.isHexDigit })
        #endif
    }

    private static func address(of function: String) -> UInt64? {
        dlsym(dlopen(nil, RTLD_LAZY), function).map { UInt64(UInt(bitPattern: $0)) }
    }
}
