package io.github.shmkit.internal.helper;

import io.github.shmkit.Party;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.Exit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one test, on the side of the test's JVM: has the page made when it is first needed, and knows of
 * every helper whether it lives.
 */
public final class SessionCheckpoints extends PageCheckpoints implements AutoCloseable {
    private final Shared shared;
    private final Unseen unseen = new Unseen();
    private volatile Supplier<String> hint = () -> "";

    /** Checkpoints in a page of that session; every limit on waiting is multiplied by the factor. */
    public SessionCheckpoints(Session session, Timeouts timeouts) {
        this(new Shared(session), timeouts);
    }

    private SessionCheckpoints(Shared shared, Timeouts timeouts) {
        super(shared, Party.TEST.name(), timeouts);
        this.shared = shared;
    }

    /** The page and who takes part. */
    private static final class Shared implements Supplier<ControlPage> {
        private final Session session;
        private final List<Member> members = new ArrayList<>();
        private @Nullable ControlPage page;
        private boolean closed;

        Shared(Session session) {
            this.session = session;
        }

        @Override
        public synchronized ControlPage get() {
            if (closed) {
                throw new IllegalStateException("these checkpoints are closed: their test has ended");
            }
            if (page == null) {
                ControlPage made = new ControlPage(session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)
                        .size(ControlPage.SIZE)
                        .label("checkpoints")));
                made.begin();
                members.forEach(m -> m.enter(made));
                page = made;
            }
            return page;
        }

        synchronized Member join(String name) {
            Member member = new Member(this, name);
            members.add(member);
            if (page != null) {
                member.enter(page);
            }
            return member;
        }

        synchronized void died(Member member, Exit exit) {
            member.exit = exit;
            if (page != null && !closed && member.index >= 0) {
                page.die(member.index, status(exit));
            }
        }

        synchronized void leave(Member member) {
            members.remove(member);
            died(member, Exit.code(0));
        }

        synchronized boolean isUsed() {
            return page != null && !closed;
        }

        synchronized List<Member> members() {
            return List.copyOf(members);
        }

        synchronized void close() {
            if (!closed) {
                closed = true;
                if (page != null) {
                    page.segment().close();
                }
            }
        }
    }

    private static int status(Exit exit) {
        return exit instanceof Exit.Killed killed
                ? killed.signal().number() | (killed.coreDumped() ? 0x80 : 0)
                : ((Exit.Code) exit).value() << 8;
    }

    /** A helper that takes part. */
    static final class Member {
        private final Shared shared;
        private final String name;
        private int index = -1;
        private volatile long pid;
        private volatile @Nullable Exit exit;
        private volatile BooleanSupplier look = () -> true;

        private Member(Shared shared, String name) {
            this.shared = shared;
            this.name = name;
        }

        private void enter(ControlPage page) {
            index = page.join(name, pid);
            Exit known = exit;
            if (known != null && index >= 0) {
                page.die(index, status(known));
            }
        }

        /**
         * It runs; the future completes with its end.
         *
         * @param whenAsked has the news of its end brought, where that does not come by itself
         */
        void started(long runningPid, CompletableFuture<Exit> end, BooleanSupplier whenAsked) {
            look = whenAsked;
            synchronized (shared) {
                pid = runningPid;
                if (shared.page != null && !shared.closed && index >= 0) {
                    shared.page.pid(index, runningPid);
                }
            }
            var unused = end.whenComplete((how, failure) -> shared.died(this, how == null ? Exit.code(255) : how));
        }

        private boolean isDead() {
            return exit != null || (!look.getAsBoolean() && exit != null);
        }

        /** It could not be started. */
        void leave() {
            shared.leave(this);
        }

        private String describe() {
            return "helper '" + name + "' (pid " + pid + ") " + exit;
        }
    }

    /** What may be the reason that nothing comes, for messages; empty for nothing. */
    public void hint(Supplier<String> reason) {
        hint = reason;
    }

    @Override
    String hint() {
        return hint.get();
    }

    /** What the test handed to those who take part, and has not looked at. */
    public Unseen unseen() {
        return unseen;
    }

    @Override
    Optional<Unseen.Failure> failed() {
        return unseen.first();
    }

    @Override
    void told(Unseen.Failure failure) {
        unseen.looked(failure.work());
    }

    /** Who reached what; empty if nobody has used them. */
    public Optional<String> reached() {
        return shared.isUsed() ? Optional.of(report()) : Optional.empty();
    }

    /** Whether somebody reached one. */
    public boolean hasReached() {
        return shared.isUsed() && !shared.get().entries().isEmpty();
    }

    /** A helper is about to be started. */
    Member join(String name) {
        if (name.equals(Party.TEST.name())) {
            throw new IllegalArgumentException("a helper cannot be named '" + Party.TEST.name()
                    + "', which stands for the test itself among the parties of a barrier");
        }
        return shared.join(name);
    }

    /** The page that all share. */
    public Segment segment() {
        return page().segment();
    }

    /** Where in it the number stands that tells how often a checkpoint was reached; empty if it was not. */
    public OptionalLong placeOfCount(String name) {
        return page().placeOfCount(name);
    }

    /** The page, made if need be. */
    ControlPage page() {
        return shared.get();
    }

    @Override
    Optional<Hopeless> nobodyLeft() {
        List<Member> members = shared.members();
        if (members.isEmpty() || !members.stream().allMatch(Member::isDead)) {
            return Optional.empty();
        }
        return Optional.of(new Hopeless(
                "nobody is left to reach it: "
                        + members.stream().map(Member::describe).collect(Collectors.joining(", ")),
                Optional.ofNullable(members.get(members.size() - 1).exit)));
    }

    @Override
    Optional<Hopeless> dead(String party) {
        List<Member> members =
                shared.members().stream().filter(m -> m.name.equals(party)).toList();
        if (members.isEmpty() || !members.stream().allMatch(Member::isDead)) {
            return Optional.empty();
        }
        Member last = members.get(members.size() - 1);
        return Optional.of(new Hopeless(last.describe() + " before it came", Optional.ofNullable(last.exit)));
    }

    @Override
    public void close() {
        shared.close();
    }
}
