// SPDX-License-Identifier: Apache-2.0
#include "controller/store/memory.hpp"

#include <functional>

#include "controller/store/rows.hpp"

namespace trueup::store {
namespace {

// Of what it was put right from before, or of a desired state that is no more.
bool is_followed_by(const Correction& before, const Correction& now) {
    return before.service == now.service &&
           (before.drift == now.drift || before.applied_hash != now.applied_hash);
}

struct Apply {
    Memory& memory;

    void operator()(const Event& /*event*/) const {}
    void operator()(const Revision& /*revision*/) const {}
    void operator()(const Outcomes& /*outcome*/) const {}
    void operator()(const HistoryLimit& /*limit*/) const {}
    void operator()(const Suspension& suspension) const {
        memory.suspensions.insert_or_assign(suspension.stack, suspension);
    }
    void operator()(const Resume& resume) const { memory.suspensions.erase(resume.stack); }
    void operator()(const Confirmation& confirmation) const {
        memory.confirmations.insert_or_assign({confirmation.stack, confirmation.token},
                                              confirmation);
    }
    void operator()(const Unconfirm& done) const {
        memory.confirmations.erase({done.stack, done.token});
    }
    void operator()(const AdoptedContainer& container) const {
        memory.adopted.insert_or_assign(container.id, container);
    }
    void operator()(const Release& release) const { memory.adopted.erase(release.container); }
    void operator()(const Correction& correction) const {
        std::vector<Correction>& list = memory.corrections[correction.stack];
        list.push_back(correction);
        std::erase_if(list, [&](const Correction& each) {
            return is_followed_by(each, correction) &&
                   each.time < correction.time - corrections_kept;
        });
        if (list.size() > corrections_limit) list.erase(list.begin());
    }
    void operator()(const Applied& applied) const {
        memory.applied.insert_or_assign(applied.stack, applied);
    }
    void operator()(const Pulled& pulled) const {
        memory.pulls[pulled.stack].insert_or_assign(pulled.reference, pulled);
    }
    void operator()(const Completed& done) const {
        memory.completed[done.stack].insert_or_assign({done.service, done.number}, done);
    }
    void operator()(const ProvenImage& proven) const {
        memory.proven[proven.stack].insert_or_assign(proven.service, proven);
    }
    void operator()(const RequestHandled& handled) const {
        memory.requests.insert_or_assign(handled.stack, handled.request);
    }
    void operator()(const KnownStack& known) const {
        memory.known.insert_or_assign(known.stack, known);
    }
    void operator()(const Forget& forget) const {
        memory.suspensions.erase(forget.stack);
        std::erase_if(memory.confirmations,
                      [&](const auto& entry) { return entry.first.first == forget.stack; });
        std::erase_if(memory.adopted,
                      [&](const auto& entry) { return entry.second.stack == forget.stack; });
        memory.corrections.erase(forget.stack);
        memory.applied.erase(forget.stack);
        memory.pulls.erase(forget.stack);
        memory.completed.erase(forget.stack);
        memory.proven.erase(forget.stack);
        memory.requests.erase(forget.stack);
        memory.known.erase(forget.stack);
    }
};

// Every row of a table becomes a change, as it was written.
using ReadRow = std::function<Change(const Statement&)>;

Change read_suspension(const Statement& row) {
    return Suspension{row.text(0), row.optional_time(1), row.text(2), row.text(3), row.time(4)};
}
Change read_confirmation(const Statement& row) {
    return Confirmation{row.text(0), row.text(1), row.text(2), row.time(3)};
}
Change read_adopted(const Statement& row) {
    return AdoptedContainer{row.text(0), row.text(1), row.text(2), static_cast<int>(row.number(3)),
                            row.text(4), row.text(5), row.text(6), row.text(7)};
}
Change read_correction(const Statement& row) {
    return Correction{row.text(0), row.text(1), row.text(2), row.text(3), row.time(4)};
}
Change read_applied(const Statement& row) {
    return Applied{row.text(0), row.text(1), row.text(2), map_of_json(row.text(3)), row.time(4)};
}
Change read_pulled(const Statement& row) {
    return Pulled{row.text(0), row.text(1), row.text(2), row.time(3)};
}
Change read_completed(const Statement& row) {
    return Completed{row.text(0), row.text(1), static_cast<int>(row.number(2)), row.text(3),
                     row.text(4)};
}
Change read_proven(const Statement& row) {
    return ProvenImage{row.text(0), row.text(1), row.text(2), row.text(3),
                       map_of_json(row.text(4))};
}
Change read_known(const Statement& row) {
    return KnownStack{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}
Change read_request(const Statement& row) { return RequestHandled{row.text(0), row.text(1)}; }

Result<void> load(Database& database, std::string_view query, const ReadRow& read,
                  Changes& changes) {
    auto rows = database.prepare(query);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return Result<void>();
        changes.push_back(read(*rows));
    }
}

struct Table {
    std::string_view name;
    std::string_view query;
    ReadRow read;
};

const std::vector<Table>& tables() {
    static const std::vector<Table> all{
        {"suspensions", "SELECT stack, until, reason, actor, since FROM suspensions",
         read_suspension},
        {"confirmations", "SELECT stack, token, actor, time FROM confirmations", read_confirmation},
        {"adopted",
         "SELECT container, stack, service, number, config_hash, image_id, commit_id, recipe_id "
         "FROM adopted",
         read_adopted},
        {"corrections",
         "SELECT stack, service, drift, applied_hash, time FROM corrections ORDER BY rowid",
         read_correction},
        {"applied", "SELECT stack, commit_id, spec_digest, services, time FROM applied",
         read_applied},
        {"pulls", "SELECT stack, reference, commit_id, time FROM pulls", read_pulled},
        {"completed", "SELECT stack, service, number, config_hash, image FROM completed",
         read_completed},
        {"proven", "SELECT stack, service, image_id, code_id, manifest FROM proven", read_proven},
        {"requests", "SELECT stack, request FROM requests", read_request},
        {"stacks", "SELECT stack, file, environment, project, engine, deletion_policy FROM stacks",
         read_known},
    };
    return all;
}

}    // namespace

void Memory::apply(const Change& change) { std::visit(Apply{*this}, change); }

Result<Memory> load_memory(Database& database) {
    Memory memory;
    for (const Table& table : tables()) {
        Changes changes;
        const auto loaded = load(database, table.query, table.read, changes);
        if (!loaded) return loaded.error();
        for (const Change& change : changes) memory.apply(change);
    }
    return memory;
}

bool read_table(Database& database, std::string_view name, Changes& changes) {
    for (const Table& table : tables()) {
        if (table.name == name) return load(database, table.query, table.read, changes).has_value();
    }
    return false;
}

}    // namespace trueup::store
