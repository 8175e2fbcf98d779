// SPDX-License-Identifier: Apache-2.0
// The people of an installation at work (art. 5, 7, 31, 34, 35, 38): keeps the directory that decisions are
// made from as the stores say, writes what core/powers allows, ends everything of who has left, and answers
// for one person what he may do and see.
//
// An account's person is written "enterprise/staff number" (account_person()), because accounts of all
// enterprises stand in one table. Threads: all calls from any thread; those that give Status or Result of
// stores block.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "core/access/access.h"
#include "core/access/facts.h"
#include "core/access/quota.h"
#include "core/accounts/accounts.h"
#include "core/ledger/ledger.h"
#include "core/office/office.h"
#include "core/people/people.h"
#include "core/people/store.h"
#include "core/people/work.h"
#include "core/policy/policy.h"
#include "core/powers/powers.h"
#include "core/vault/vault.h"

namespace huoqi::staff {

// Somebody who is logged in.
struct Asker {
    std::string enterprise;
    std::string person;  // staff number
    std::string device;  // empty: none
    bool second_factor = false;
};

std::string account_person(std::string_view enterprise, std::string_view person);
struct Named {
    std::string enterprise;
    std::string person;
};
// Of an account's person; nothing when it is not one.
std::optional<Named> named(std::string_view account_person);

// What one person saw and did in a time, for the audit of a leaver (art. 38).
struct Conduct {
    std::map<std::string, std::uint64_t> actions;   // entries by action
    std::map<std::string, std::uint64_t> purposes;  // records shown, by purpose
    std::uint64_t refused = 0;
    std::uint64_t shown = 0;      // records
    std::uint64_t odd_hours = 0;  // entries between 22:00 and 06:00 of China's time
    std::uint64_t entries = 0;
    std::vector<std::string> addresses;  // network addresses, at most 100
    bool cut = false;                    // there were more entries than are looked at
};
inline constexpr std::size_t kMostEntriesOfConduct = 200'000;

// A new id of a grant, a request or a window: the prefix and 24 random letters. Letters alone, because ids
// stand in the ledger, where no row of digits may be as long as a phone.
std::string fresh_id(std::string_view prefix);

class Staff {
  public:
    struct Parts {
        people::Store& people;
        people::WorkStore& work;
        accounts::Accounts& accounts;
        office::Office& office;
        ledger::Ledger& ledger;
        const policy::InForce& policy;
        const Clock& clock;
        std::function<Status()> drain;  // brings what the office did into the ledger
    };
    Staff(const Parts& parts, std::vector<std::string> enterprises);

    // Reads everything; to be called once before the doors open. Quotas are counted again from the ledger.
    Status load();
    // Takes over what other processes changed, and ends what leavers still have; now and then. A person whose
    // day of leaving came has nothing left within that time.
    Status follow();

    // ---- Changing ----
    using Rule = std::function<Result<powers::Deed>(const powers::Standing&)>;
    // Applies a rule and tells the ledger; again from what is then held when somebody else was first.
    Status act(std::string_view enterprise, std::string_view by, const Rule& rule);
    // Organisations, people and devices as the personnel office says; one entry for all. Grants and affairs
    // come by rules alone, and so does leaving: `left` of a person stays as it is held.
    Status put(std::string_view enterprise, std::string_view by, people::Contents contents);
    Result<people::Held> held(std::string_view enterprise) const;
    // Assignments given and taken, at most people::kMaxWorkChanges; people must be active. Told to the ledger
    // as one entry with counts.
    Status assign(std::string_view enterprise, std::string_view by, std::span<const people::Assignment> add,
                  std::span<const people::Unassigned> remove);
    Status put_ticket(std::string_view by, const people::Ticket& ticket);
    // Code::not_found.
    Status close_ticket(std::string_view enterprise, std::string_view by, std::string_view number);

    // ---- Deciding ----
    // The first role of the person that may do this; else the rule that said no.
    struct Leave {
        access::Decision decision;
        std::string role;
    };
    // `subject`: organisation that is acted upon; empty: the person's own.
    Leave may(const Asker& asker, policy::Action action, std::string_view subject = {}) const;
    // Whether any role has the action at all; waybills are then judged one by one.
    Leave may_at_all(const Asker& asker, policy::Action action) const;
    // The outlet of a seal is judged like a waybill of now.
    Leave may_seal(const Asker& asker, std::string_view outlet) const;
    // What somebody reads a waybill for, where the role's scope asks for it.
    struct Work {
        std::string ticket;
        std::string purpose;
    };
    vault::Sight sight(Asker asker, policy::Action action, Work work) const;
    // Takes from the person's quota what is then shown.
    struct Look {
        std::string purpose;
        std::string ticket;
        std::vector<waybill::Field> fields;
        std::size_t tokens = 0;
    };
    vault::Judge judge(Asker asker, Look look);
    // Every rule for one waybill or none; nothing is opened and nothing is counted. `role`: as if the person
    // had this role for his own organisation ("view as"); empty: for each of his roles.
    struct Explained {
        std::string role;
        access::Explanation explanation;
    };
    std::vector<Explained> explain(const Asker& asker, policy::Action action, const Look& look,
                                   const vault::Candidate* candidate, std::string_view role = {}) const;
    std::vector<std::string> roles(std::string_view enterprise, std::string_view person) const;
    // Whether any role of the account's person asks for a second factor; for accounts::Options.
    bool needs_second_factor(std::string_view account_person) const;

    Result<Conduct> conduct(std::string_view enterprise, std::string_view person, Time from) const;

    people::Directory& directory() { return directory_; }
    const people::Directory& directory() const { return directory_; }
    access::Quota& quota() { return quota_; }
    const std::vector<std::string>& enterprises() const { return enterprises_; }

  private:
    Status read_all();
    Status count_quota();
    Status end_leavers();
    Status follow_work();
    // The first of the person's roles for which the question is answered with yes.
    Leave first_role(const Asker& asker, access::Question asked) const;

    Parts parts_;
    std::vector<std::string> enterprises_;
    people::Directory directory_;
    access::Quota quota_;
    Guarded<std::map<std::string, std::int64_t>> revisions_;
    std::mutex reading_;
    std::mutex following_;  // of work: one at a time
    std::int64_t work_number_ = 0;
    Time forgotten_;
    Guarded<std::set<std::string>> ended_;  // leavers whose everything was ended, by account person
};

}  // namespace huoqi::staff
