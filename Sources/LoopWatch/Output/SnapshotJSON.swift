extension Snapshot {
    /// The snapshot as JSON of the schema `loop-blocks/1`.
    ///
    /// Durations are whole nanoseconds, and what isn't known is absent. Stacks stand once, in `stacks`, and
    /// blocks refer to them by index.
    ///
    /// - Parameter pretty: Whether each field has a line of its own.
    /// - Returns: The document; the same for the same snapshot.
    public func json(pretty: Bool = false) -> String {
        var table = StackTable()
        let indices = blocks.map { block in block.samples.map { table.index(of: $0.frames) } }
        var json = JSONText(isPretty: pretty)
        json.object { json in
            json.field("schema", "loop-blocks/1")
            json.field("threshold_ns", threshold)
            json.field("watched_for_ns", watchedFor)
            json.key("methods")
            methods.write(to: &json)
            json.field("traced", isTraced)
            json.field("dropped", dropped)
            json.field("ignored", ignored)
            json.field("next", next)
            json.key("loops")
            json.array(loops) { $1.write(to: &$0) }
            json.key("blocks")
            json.array(Array(zip(blocks, indices))) { json, block in
                block.0.write(to: &json, stacks: block.1)
            }
            json.key("stacks")
            json.array(table.stacks) { $1.write(to: &$0) }
            guard !buildIDs.isEmpty else { return }
            json.key("build_ids")
            json.object { json in
                for (image, identity) in buildIDs.sorted(by: { $0.key < $1.key }) {
                    json.field(image, identity)
                }
            }
        }
        return json.text
    }
}

/// The different stacks of a snapshot, in order of their first use.
private struct StackTable {
    struct Stack: Hashable {
        let blame: String?
        let callee: String?
        let frames: [StackFrame]

        func write(to json: inout JSONText) {
            json.object { json in
                json.field("blame", blame)
                json.field("callee", callee)
                json.key("frames")
                json.array(frames) { $1.write(to: &$0) }
            }
        }
    }

    private(set) var stacks: [Stack] = []
    private var indices: [Stack: Int] = [:]

    /// The index of a stack, under its own blame and callee.
    mutating func index(of frames: [StackFrame]) -> Int {
        let blame = Blame(frames)
        let stack = Stack(blame: blame.frame?.placeText, callee: blame.callee?.nameText, frames: frames)
        if let index = indices[stack] { return index }
        indices[stack] = stacks.count
        stacks.append(stack)
        return stacks.count - 1
    }
}

extension Methods {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.field("loops", loops.rawValue)
            json.field("pool", pool.rawValue)
            json.field("stacks", stacks)
            json.field("cpu_split", cpuSplit)
            json.field("task_names", taskNames)
            json.key("notes")
            json.array(notes) { $0.quote($1) }
        }
    }
}

extension LoopUsage {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.field("name", name)
            json.field("busy_ns", busy)
            json.field("cpu_ns", split == .unknown ? nil : cpu)
            json.field("not_scheduled_ns", split == .full ? notScheduled : nil)
            json.field("blocked_ns", blocked)
            json.field("longest_ns", longest)
            json.field("intervals", intervals)
        }
    }
}

extension LoopBlock {
    fileprivate func write(to json: inout JSONText, stacks: [Int]) {
        let common = commonStack.flatMap { frames in samples.firstIndex { !$0.isLate && $0.frames == frames }
        }
        json.object { json in
            json.field("sequence", id)
            json.field("interval", interval)
            json.field("part", part)
            json.field("parts", parts)
            json.field("kind", kind.rawValue)
            json.field("loop", thread)
            json.field("thread_id", threadID)
            json.field("start_ns", start)
            json.field("start_unix_ns", startUnixNanoseconds)
            json.field("threshold_ns", threshold)
            json.field("duration_ns", duration)
            json.field("cpu_ns", split == .unknown ? nil : cpu)
            json.field("waiting_ns", split == .full ? waiting : nil)
            json.field("not_scheduled_ns", split == .full ? notScheduled : nil)
            json.field("verdict", split == .unknown ? nil : verdict.rawValue)
            json.field("method", method.rawValue)
            json.field("call", call)
            json.field("calls", calls)
            json.field("task", task)
            json.field("ongoing", isOngoing)
            json.field("note", note)
            json.field("stack", common.map { stacks[$0] })
            json.key("samples")
            json.array(Array(zip(samples, stacks))) { json, sample in
                json.object { json in
                    json.field("offset_ns", sample.0.offset)
                    json.field("stack", sample.1)
                    json.field("late", sample.0.isLate)
                }
            }
        }
    }
}

extension StackFrame {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.field("function", function)
            json.field("file", shortPath)
            json.field("line", line)
            json.field("column", column)
            json.field("module", module)
            json.field("offset", offset.map { "0x\(String($0, radix: 16))" })
            json.field("kind", kind.rawValue)
            if isUserCode { json.field("user", true) }
        }
    }
}
