// SPDX-License-Identifier: Apache-2.0
// The stacks the controller knows, with their status: what the API serves. Fed by snapshots of the
// desired state. A file that became unreadable keeps its last good stacks; a stack whose file is
// gone is reported as orphaned and left alone. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/reconcile/claims.hpp"
#include "controller/reconcile/removals.hpp"
#include "controller/source/desired.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

// One desired-state file that cannot be used, for `get sources` and the log.
struct InvalidFile {
    std::string name;
    Error error;
    SystemTime since;
};

struct SourceStatus {
    std::string name;         // the --desired argument
    std::string revision;     // of a git source
    bool readable = false;    // false: the last read failed; the last good state stays
    std::optional<Error> error;
    std::vector<InvalidFile> invalid_files;
    std::optional<SystemTime> last_read;
    // Stacks of engines that are other controllers', by engine; names in order.
    std::map<std::string, std::vector<std::string>> other_engines;
};

// Why nothing of a stack may be done at all.
struct Refusal {
    std::string reason;    // one CamelCase word
    Error error;

    bool operator==(const Refusal&) const = default;
};

// A stack of the registry and what its file says about it beyond the spec.
struct Entry {
    v1alpha1::Stack stack;
    std::string file;          // its desired-state file
    std::string directory;     // relative source urls start here
    bool file_gone = false;    // its file vanished: orphaned
    std::string moved_to;      // file_gone, since it names this engine of another controller
    std::optional<Error> file_error;    // its file is invalid now: the last good spec is in force
    std::optional<Refusal> refused;     // see refuse_claims()
    std::optional<Removal> removal;     // its file is gone, and so it is to go
    // Remembered of an earlier run, and no file was read for it yet: its spec has the name, place and
    // deletion policy only.
    bool remembered = false;
};

class Registry {
public:
    explicit Registry(const Clock& clock, Engines engines = {});

    // Takes over a snapshot. Returns the names of stacks whose spec, file state or existence
    // changed. A file is taken whole or not at all: when it cannot be parsed or read, or another file
    // names a stack of it as well, it is an invalid file and the stacks it gave before stay as they
    // were. Stacks that claim the same compose project on one engine, or an engine that is not there,
    // are refused (claims.hpp). A stack that no file names any more stays too, as file_gone, until
    // remove(): what is remembered of it must outlive a folder that was not mounted in time. A new
    // spec bumps metadata.generation; uid, creation time and status survive.
    std::vector<std::string> apply(const source::DesiredSnapshot& snapshot);
    // A read that failed: nothing changes but the source's status.
    void source_failed(const Error& error);
    void name_source(std::string name);
    // Stacks that an earlier run knew, before the first apply(): what went while no controller ran is
    // found missing.
    void remember(const std::map<std::string, store::KnownStack>& stacks);
    // The stack was file_gone, and nothing of it is left, or a person wants it forgotten.
    void remove(const std::string& name);
    const SourceStatus& source() const { return source_; }

    // Valid until the next change.
    const Entry* find(const std::string& name) const;
    std::vector<std::string> names() const;
    std::vector<v1alpha1::Stack> stacks() const;    // by name
    // Grows with each change of a stack or a status; the stack's metadata carries it.
    std::uint64_t resource_version() const { return resource_version_; }

    // Sets or (no value) removes an annotation that lasts as long as the program, beside those of the
    // file. It goes before one of the file until the file gives that another value. Unknown names
    // are ignored.
    void annotate(const std::string& name, const std::string& key,
                  std::optional<std::string> value);
    // The file gives the annotation, whatever an operator said of it.
    bool is_of_file(const std::string& name, const std::string& key) const;

    // Replaces the status; bumps resourceVersion only when it differs. Unknown names are ignored.
    void set_status(const std::string& name, v1alpha1::StackStatus status);
    // Called after each change of a stack or a status, with its name.
    void on_change(std::function<void(const std::string& name)> callback) {
        on_change_ = std::move(callback);
    }

private:
    struct Draft;
    // What a file said when it was parsed last: unchanged files are not parsed again.
    struct Parsed {
        std::string content;
        Result<std::vector<v1alpha1::Stack>> stacks;
    };

    const Result<std::vector<v1alpha1::Stack>>& parse(const source::DesiredFile& file);
    bool is_ours(const v1alpha1::Stack& stack) const;
    void take_file(const source::DesiredFile& file, const std::vector<v1alpha1::Stack>& stacks,
                   Draft& draft) const;
    void reject_file(const std::string& file, const Error& error, Draft& draft);
    void keep_gone(Draft& draft) const;
    void lay_annotations_over(const std::string& name, Entry& entry);
    std::vector<std::string> commit(Draft draft);

    const Clock& clock_;
    Engines engines_;
    std::map<std::string, Entry> entries_;
    std::map<std::string, Parsed> parsed_;    // by file
    // What an operator said, by stack: key -> value, and what the file had then.
    struct Annotation {
        std::string value;
        std::optional<std::string> of_file;
    };
    std::map<std::string, std::map<std::string, Annotation>> annotations_;
    SourceStatus source_;
    std::uint64_t resource_version_ = 1;
    std::function<void(const std::string&)> on_change_;
};

}    // namespace trueup::reconcile
