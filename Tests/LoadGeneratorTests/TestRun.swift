import Curl
import Glibc
import Measurements

@testable import LoadGenerator

/// A file of seeded bytes that is gone with this object.
final class TemporaryFile: Sendable {
    let path: String
    let bytes: [UInt8]

    init(size: Int) throws {
        var generator = SplitMix64(seed: UInt64(size))
        // One drawn page again and again: drawing megabytes takes a debug build seconds.
        let page = (0..<4096).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var bytes: [UInt8] = []
        while bytes.count < size { bytes.append(contentsOf: page) }
        bytes.removeLast(bytes.count - size)
        self.bytes = bytes
        let template = "/tmp/ingest-bench-test-XXXXXX.pdf"
        var name = Array(template.utf8CString)
        let descriptor = mkstemps(&name, 4)
        guard descriptor >= 0 else { throw PlanError.noFiles }
        defer { close(descriptor) }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard write(descriptor, bytes, size) == size else { throw PlanError.noFiles }
    }

    deinit { unlink(path) }
}

/// More bytes than the kernel takes for one connection to a ``ScriptedServer``, however late that reads.
///
/// What the kernel has taken counts as sent: a smaller body may be gone before the server cuts it off. The
/// server's side holds little; the client's grows up to a limit of the system.
let moreThanSocketsHold: Int = {
    let limits = readSmallFile("/proc/sys/net/ipv4/tcp_wmem")?.split { $0 == "\t" || $0 == "\n" }
    return (limits?.last.flatMap { Int($0) } ?? 4_194_304) + 2_000_000
}()

/// A machine on which nothing else happens, so that no block is measured again.
@Sendable func quietMachine() -> MachineSnapshot {
    MachineSnapshot(time: MonotonicClock.now(), stat: "", vmstat: "", ownTime: 0)
}

/// Runs one measured round without warm-up against one target on a quiet machine, unless told otherwise.
func run(
    file: TemporaryFile,
    url: String,
    hooks: LoadHooks = LoadHooks(),
    machine: @escaping @Sendable () -> MachineSnapshot = quietMachine,
    onEvent: @escaping @Sendable (LoadEvent) -> Void = { _ in },
    _ change: (inout LoadPlanDraft) throws -> Void
) async throws -> LoadResult {
    let target = try LoadTarget(name: "scripted", url: url)
    var draft = LoadPlanDraft(files: try PlannedFile.find([file.path]), targets: [target])
    draft.rounds = 1
    draft.warmup = 0
    draft.timeout = .seconds(20)
    try change(&draft)
    var hooks = hooks
    hooks.readMachine = machine
    let plan = try LoadPlan(draft, limits: .raised())
    return try await LoadRun(plan: plan, hooks: hooks).run(onEvent: onEvent)
}
