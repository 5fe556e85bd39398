import type { Reason } from '../law/decision.ts';

/** What a reason is to who looks: all is well, it waits on purpose, more replicas cannot help, it cannot see, it was told to. */
export type Mood = 'calm' | 'waiting' | 'limited' | 'blind' | 'paused';

interface Meaning {
  readonly mood: Mood;
  readonly sentence: string;
}

const meanings: Readonly<Record<Reason, Meaning>> = {
  steady: { mood: 'calm', sentence: 'Nothing calls for another number of replicas.' },
  'objective-at-risk': { mood: 'calm', sentence: 'With fewer replicas messages would get older than the objective.' },
  'growing-into-unknown-capacity': {
    mood: 'calm',
    sentence: 'What one replica can do is not measured yet, and messages wait: the replicas are doubled, or more.',
  },
  'load-fell': { mood: 'calm', sentence: 'Fewer replicas hold the objective now.' },
  'probing-down': {
    mood: 'calm',
    sentence: 'What one replica can do is not measured yet, and nothing waits: one step fewer is tried.',
  },
  'below-minimum': { mood: 'calm', sentence: 'There were fewer replicas than the minimum.' },
  'above-maximum': { mood: 'calm', sentence: 'There were more replicas than the maximum, or than partitions.' },
  'at-maximum': { mood: 'limited', sentence: 'More replicas would help, but the maximum is reached.' },
  'partition-bound': {
    mood: 'limited',
    sentence: 'A single partition has more than one replica can do: more replicas cannot help.',
  },
  'downstream-limited': {
    mood: 'limited',
    sentence: 'The last scale-up did not help: something behind the consumers is the limit.',
  },
  'waiting-for-confirmation': { mood: 'waiting', sentence: 'More replicas seem to be needed; the next round tells.' },
  settling: { mood: 'waiting', sentence: 'The group has not settled since the last change.' },
  'cooling-down': { mood: 'waiting', sentence: 'The last change is too recent for another one.' },
  'not-worth-a-rebalance': {
    mood: 'calm',
    sentence: 'Fewer replicas would do, but messages would wait for half the objective while the group is rebalanced.',
  },
  'partly-unknown': {
    mood: 'waiting',
    sentence: 'Fewer replicas seem to do, but not all of the load could be read in the last 20 s.',
  },
  'rebalance-budget-spent': {
    mood: 'waiting',
    sentence: 'The group was rebalanced too often in the last hour to scale it down.',
  },
  'rolling-out': { mood: 'waiting', sentence: 'A new version is being rolled out.' },
  'scaled-to-zero': {
    mood: 'paused',
    sentence: 'Somebody asked for no replicas: it stays so until somebody asks for some.',
  },
  'unknown-data': {
    mood: 'blind',
    sentence: 'Offsets or replicas could not be read, or are too old: nothing is changed on a guess.',
  },
  'group-not-seen': {
    mood: 'blind',
    sentence: 'The consumer group has committed no offset yet, or is called otherwise.',
  },
  failsafe: { mood: 'blind', sentence: 'Nothing could be read for long: the replicas of the failsafe are asked for.' },
  paused: { mood: 'paused', sentence: 'Scaling is paused by an annotation or a setting.' },
};

/** `objective-at-risk` as words. */
export const reasonWords = (reason: Reason): string => reason.replaceAll('-', ' ');

/** A newer controller may say what an older page does not know: then there is no sentence. */
export const meaningOf = (reason: Reason): Meaning => meanings[reason] ?? { mood: 'calm', sentence: '' };
