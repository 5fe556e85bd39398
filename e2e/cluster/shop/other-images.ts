import { bringImage } from '../../../scripts/cluster/images.ts';
import { services } from '../../../scripts/cluster/plan.ts';

/**
 * The images of the shop under another tag than the one that is installed: OTHER_IMAGE_TAG, or made by the command IMAGES.
 *
 * @throws where neither is given
 */
export async function otherImages(): Promise<string> {
  const { OTHER_IMAGE_TAG: tag, IMAGES: command } = process.env;
  if (tag !== undefined) return tag;
  if (command === undefined)
    throw new Error('OTHER_IMAGE_TAG must name a second tag of the images, or IMAGES be a command that builds them');
  for (const service of services) if (service !== 'lag-controller') await bringImage(command, service, 'other');
  return 'other';
}
